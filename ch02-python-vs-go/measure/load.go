// Package measure puts load on a job service, and counts. One generator for
// all: it does not know which language answers.
package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Workload is what every client does, again and again.
type Workload struct {
	Name  string
	About string
	path  string
	body  string
	fills bool // whether it leaves something behind
}

// Workloads are the three jobs that the article names: requests that wait,
// requests that compute, and jobs for a durable queue.
func Workloads() []Workload {
	return []Workload{
		{
			Name: "wait", About: "a request that waits for 20 ms, as for another service",
			path: "/run", body: `{"kind":"sleep","amount":20}`,
		},
		{
			Name: "compute", About: "a request that computes 2000 rounds of SHA-256",
			path: "/run", body: `{"kind":"hash","amount":2000}`,
		},
		{
			Name: "queue", About: "a job is put into the durable queue, while workers empty it",
			path: "/jobs", body: `{"kind":"hash","amount":0}`, fills: true,
		},
	}
}

// Clients are how many ask at the same time.
func Clients() []int { return []int{1, 16, 64} }

// Load is what clients saw.
type Load struct {
	Workload string
	Clients  int
	Rate     float64 // answers in a second
	P50, P99 time.Duration
}

// Put lets clients ask for so long. The clients keep their connections.
func (w Workload) Put(
	ctx context.Context, url string, clients int, long time.Duration,
) (Load, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
	times := make([][]time.Duration, clients)
	ask := func(ctx context.Context, c, i int) error {
		return w.ask(ctx, client, url, fmt.Sprintf("%d-%d", c, i))
	}

	warm, warmCtx := errgroup.WithContext(ctx)
	for c := range clients {
		warm.Go(func() error { return ask(warmCtx, c, -1) })
	}
	if err := warm.Wait(); err != nil {
		return Load{}, err
	}
	began := time.Now()
	all, ctx := errgroup.WithContext(ctx)
	for c := range clients {
		all.Go(func() error {
			for i := 0; time.Since(began) < long; i++ {
				asked := time.Now()
				if err := ask(ctx, c, i); err != nil {
					return err
				}
				times[c] = append(times[c], time.Since(asked))
			}
			return nil
		})
	}
	err := all.Wait()
	took := slices.Sorted(slices.Values(slices.Concat(times...)))
	if err != nil || len(took) == 0 {
		return Load{}, errors.Join(errors.New("no load"), err)
	}
	return Load{
		Workload: w.Name, Clients: clients, Rate: float64(len(took)) / time.Since(began).Seconds(),
		P50: took[len(took)/2], P99: took[len(took)*99/100],
	}, nil
}

func (w Workload) ask(ctx context.Context, client *http.Client, url, key string) error {
	body := strings.NewReader(w.body)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+w.path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("POST %s: %s: %s", w.path, response.Status, text)
	}
	return nil
}
