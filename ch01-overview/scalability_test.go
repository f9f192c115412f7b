package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch01-overview/balance"
	"example.com/dtx/ch01-overview/recommend"
)

// thinking is how long the machine of one copy is busy with one request.
const thinking = 10 * time.Millisecond

func TestEachCopyOfRecommendServesAsManyAgain(t *testing.T) {
	for _, row := range []struct{ copies, served int }{{1, 100}, {2, 200}, {4, 400}} {
		synctest.Test(t, func(t *testing.T) {
			served := serveFor(t.Context(), time.Second, row.copies)
			fmt.Fprintf(t.Output(), "copies of recommend: %d, work a request: %v, "+
				"served in one simulated second: %d\n", row.copies, thinking, served)
			require.Equal(t, row.served, served)
		})
	}
}

// serveFor lets more clients than a few copies can serve ask as fast as they
// are answered, and counts the answers that came in time.
func serveFor(ctx context.Context, d time.Duration, copies int) int {
	ctx, cancel := context.WithTimeout(ctx, d+thinking/2)
	defer cancel()
	machines := network{}
	spread := &balance.RoundRobin{Next: machines}
	for i := range copies {
		host := fmt.Sprintf("recommend-%d", i+1)
		machines[host] = oneCore(recommend.New(recommend.GoesWith))
		spread.Copies = append(spread.Copies, host)
	}
	const clients = 16
	answers := make(chan int)
	for range clients {
		go func() {
			n := 0
			client := http.Client{Transport: spread}
			for look(ctx, &client, "http://recommend/recommendations/tea") == nil {
				n++
			}
			answers <- n
		}()
	}
	served := 0
	for range clients {
		served += <-answers
	}
	return served
}

// oneCore is a machine that works on one request at a time.
func oneCore(service http.Handler) http.Handler {
	core := make(chan struct{}, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case core <- struct{}{}:
		case <-r.Context().Done():
			return
		}
		defer func() { <-core }()
		time.Sleep(thinking) // simulated: it takes no time at all
		service.ServeHTTP(w, r)
	})
}

// network delivers a request to the machine of that name.
type network map[string]http.Handler

// RoundTrip is part of http.RoundTripper.
func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	n[r.URL.Host].ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}
