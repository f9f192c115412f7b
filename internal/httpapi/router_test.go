package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/dtx/internal/httpapi"
	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"
)

// shop has routes of every form: flat, nested, with parameters, mounted.
func shop(ok http.HandlerFunc) http.Handler {
	router := httpapi.NewRouter()
	router.Get("/", ok)
	router.Post("/charge", ok)
	router.Route("/orders", func(r chi.Router) {
		r.Get("/", ok)
		r.Post("/", ok)
		r.Route("/{id}", func(r chi.Router) {
			r.Get("/", ok)
			r.Delete("/", ok)
			r.Put("/lines/{id}", ok) // {id} twice: legal in chi when nested
		})
	})
	router.Post("/orders", ok) // beside that of the sub-router
	admin := httpapi.NewRouter()
	admin.Post("/reset/{name}", ok)
	router.Mount("/admin", admin)
	return router
}

func TestARequestThatHasNoRouteIsAProblem(t *testing.T) {
	routed := httpapi.Handle(func(w http.ResponseWriter, _ *http.Request) error {
		return httpapi.WriteJSON(w, http.StatusOK, "routed")
	})
	server := httptest.NewServer(shop(routed))
	t.Cleanup(server.Close)
	const none = ""
	for _, row := range []struct {
		name, request string
		status        int
		allow, reason string
	}{
		{"route", "POST /charge", 200, none, "it exists"},
		{"wrong method", "GET /charge", 405, "POST", "a custom 405 in chi loses Allow"},
		{"wrong method at the root", "POST /", 405, "GET, HEAD", "HEAD goes with GET"},
		{"wrong method where a sub-router begins", "PUT /orders", 405, "GET, HEAD, POST",
			"chi's Match says yes to every method there"},
		{"the same with a slash", "PUT /orders/", 405, "GET, HEAD, POST", "the same resource"},
		{"nested with a parameter", "POST /orders/7", 405, "DELETE, GET, HEAD",
			"not those of /orders"},
		{"nested twice", "GET /orders/7/lines/2", 405, "PUT", "not those of its parents"},
		{"escaped slash in a parameter", "POST /orders/a%2Fb", 405, "DELETE, GET, HEAD",
			"chi routes by the raw path"},
		{"mounted", "GET /admin/reset/x", 405, "POST", "its handler is the inner router's"},
		{"unheard-of method", "BREW /orders/7", 405, "DELETE, GET, HEAD",
			"chi refuses it before it looks at the path"},
		{"unheard-of method and path", "BREW /pot", 404, none,
			"chi would say 405 and allow nothing"},
		{"no such path", "GET /nothing", 404, none, "nothing there"},
		{"no such nested path", "GET /orders/7/lines", 404, none, "a part of a route is no route"},
		{"where a mounted router begins", "GET /admin", 404, none, "it has no route for its root"},
		{"no such mounted path", "POST /admin/other", 404, none, "nothing there"},
		{"HEAD", "HEAD /orders/7", 200, none, "RFC 9110 asks for it"},
		{"HEAD where a sub-router begins", "HEAD /orders", 200, none, "chi's GetHead fails here"},
		{"HEAD without GET", "HEAD /charge", 405, "POST", "there is nothing to get"},
	} {
		t.Run(row.name, func(t *testing.T) {
			method, path, _ := strings.Cut(row.request, " ")
			request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
			require.NoError(t, err)
			response, err := server.Client().Do(request)
			require.NoError(t, err)
			defer response.Body.Close()
			require.Equal(t, row.status, response.StatusCode, row.reason)
			allow := strings.Join(response.Header.Values("Allow"), "|")
			require.Equal(t, row.allow, allow, row.reason)
			if row.status != 200 {
				require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
			}
		})
	}
}

func TestARouterWithoutRoutesAnswersNotFound(t *testing.T) {
	server := httptest.NewServer(httpapi.NewRouter())
	t.Cleanup(server.Close)
	_, err := httpapi.Get[int](t.Context(), server.Client(), server.URL)
	require.ErrorIs(t, err, httpapi.NoRoute)
	require.Equal(t, httpapi.Unknown, httpapi.OutcomeOf(err), "the right service may have done it")
}
