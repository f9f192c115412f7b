// Package balance spreads requests over the copies of a service.
package balance

import (
	"errors"
	"net/http"
	"sync/atomic"
)

// RoundRobin sends each request to the next copy in turn. It is an
// http.RoundTripper, so that a client need not know that there are copies. It
// does not look whether a copy is alive.
type RoundRobin struct {
	Copies []string          // host:port of each
	Next   http.RoundTripper // delivers
	turn   atomic.Uint64
}

// RoundTrip sends the request to the copy whose turn it is.
func (b *RoundRobin) RoundTrip(r *http.Request) (*http.Response, error) {
	if len(b.Copies) == 0 {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, errors.New("balance: there are no copies")
	}
	n := b.turn.Add(1) - 1
	r = r.Clone(r.Context())
	r.URL.Host = b.Copies[n%uint64(len(b.Copies))]
	return b.Next.RoundTrip(r)
}
