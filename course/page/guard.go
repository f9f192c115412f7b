package page

import (
	"net"
	"net/http"
)

// maxBody bounds what a browser may send; in bytes.
const maxBody = 16 << 20

// policy lets a page load from its own server only, and run no script or style
// that stands in the page itself.
const policy = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; " +
	"frame-ancestors 'none'"

// guard lets only the reader's own pages in. Another site could have the
// browser resolve its name to 127.0.0.1 (the Host is wrong then), or send a
// form here (the Origin is).
func guard(next http.Handler) http.Handler {
	same := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cache-Control", "no-store") // an edited lesson is to show at once
		if !ours(r.Host) {
			http.Error(w, "this server is for 127.0.0.1 only", http.StatusForbidden)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		same.ServeHTTP(w, r)
	})
}

func ours(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return name == "127.0.0.1" || name == "localhost"
}
