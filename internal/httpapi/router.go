package httpapi

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
)

// NewRouter returns a router whose 404 and 405 are problems, those of its
// sub-routers included, which answers HEAD as it answers GET (RFC 9110, section
// 9.1; declare no route for HEAD), and which refuses a path that is not UTF-8.
// Handlers read path parameters with [Param].
func NewRouter() *chi.Mux {
	router := chi.NewRouter()
	router.Use(headAsGet, textInPath)
	router.NotFound(noRoute)
	router.MethodNotAllowed(noRoute)
	return router
}

// headAsGet routes HEAD as GET; net/http leaves out the body. (chi's own
// middleware.GetHead fails on the path where a sub-router is mounted.)
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			chi.RouteContext(r.Context()).RouteMethod = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// noRoute answers 404, or 405 with Allow if the path has other methods. It
// looks for itself, since chi calls a method that it has never heard of "not
// allowed" on any path, and a handler of ours in the place of chi's own does
// not learn what is allowed.
func noRoute(w http.ResponseWriter, r *http.Request) {
	var allow []string
	if routing := chi.RouteContext(r.Context()); routing != nil { // nil: a router without routes
		allow = allowed(routing.Routes, cmp.Or(r.URL.RawPath, r.URL.Path, "/"))
	}
	if len(allow) == 0 {
		writeProblem(w, NoRoute.With(""))
		return
	}
	methods := strings.Join(allow, ", ")
	w.Header().Set("Allow", methods)
	writeProblem(w, MethodNotAllowed.With("this resource has %s", methods))
}

// allowed returns the methods of the routes that would serve the path, sorted.
// For a path that ends where a sub-router begins, Find stops at the mount and
// returns its pattern for any method; the route is the sub-router's "/".
func allowed(routes chi.Routes, path string) []string {
	var methods []string
	type middleware = func(http.Handler) http.Handler
	add := func(method, pattern string, _ http.Handler, _ ...middleware) error {
		found := routes.Find(chi.NewRouteContext(), method, path)
		if found != "" && (found == pattern || found+"/" == pattern) {
			methods = append(methods, method)
		}
		return nil
	}
	_ = chi.Walk(routes, add) // add returns no error
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}
