package httpapi

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
)

// Param returns a parameter of the path, decoded: the id in "/orders/a%7Eb" is
// "a~b". chi routes by the encoded path if URL.RawPath keeps one, and then
// returns the parameter as it stands there; otherwise it is decoded already.
func Param(r *http.Request, name string) string {
	value := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return value
	}
	decoded, err := url.PathUnescape(value)
	if err != nil {
		return value // net/http has decoded the same path before
	}
	return decoded
}

// textInPath refuses a path that no database can store as text.
func textInPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !utf8.ValidString(r.URL.Path) || strings.ContainsRune(r.URL.Path, 0) {
			writeProblem(w, Malformed.With("the path is not text in UTF-8"))
			return
		}
		next.ServeHTTP(w, r)
	})
}
