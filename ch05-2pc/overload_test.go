package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

const (
	overloadTime  = 5 * time.Second        // for which each number of clients places orders
	overloadPause = 100 * time.Millisecond // of a client whose order was turned away
)

// BenchmarkOverload drives the shop, in one process, with more clients than there are
// places. It shows how many orders are carried out in a second, and what an order
// costs that is turned away.
func BenchmarkOverload(b *testing.B) {
	for _, clients := range []int{32, 256, 1000} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			c := billed{bills: map[string]bill{}, services: map[string]http.Handler{}}
			end := c.start(b)
			began := time.Now()
			c.drive(b, clients)
			elapsed := time.Since(began)
			end()
			c.report(b, elapsed)
		})
	}
}

// bill is what an order costs.
type bill struct{ status, messages, transactions int }

// billed is a shop that counts for each order. It is the network between the
// services, and the gate of their databases.
type billed struct {
	services map[string]http.Handler

	mu    sync.Mutex
	bills map[string]bill
}

type orderKey struct{}

// add changes an order's bill. A transaction's id begins with the order's.
func (c *billed) add(id string, change func(*bill)) {
	order, _, _ := strings.Cut(id, ".")
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.bills[order]
	change(&b)
	c.bills[order] = b
}

// serve has a service handle a request, and returns when it has or when its caller
// hangs up.
func (c *billed) serve(service string, r *http.Request) (*http.Response, error) {
	answer := make(chan *http.Response, 1)
	// The receiver's context has nothing of the sender's but its end.
	named := context.WithValue(context.Background(), orderKey{}, r.Header.Get("Idempotency-Key"))
	ctx, hangUp := context.WithCancel(named)
	context.AfterFunc(r.Context(), hangUp)
	go func() {
		defer hangUp()
		w := httptest.NewRecorder()
		c.services[service].ServeHTTP(w, r.WithContext(ctx))
		answer <- w.Result()
	}()
	select {
	case a := <-answer:
		return a, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// RoundTrip is the network.
func (c *billed) RoundTrip(r *http.Request) (*http.Response, error) {
	c.add(r.Header.Get("Idempotency-Key"), func(b *bill) { b.messages++ })
	return c.serve(r.URL.Host, r)
}

// Begin counts a transaction that writes.
func (c *billed) Begin(ctx context.Context, _ bool) error {
	if key, _ := ctx.Value(orderKey{}).(string); key != "" {
		c.add(key, func(b *bill) { b.transactions++ })
	}
	return nil
}

// Commit is part of sqlite.Gate.
func (c *billed) Commit(_ context.Context, _ bool, commit func() error) error { return commit() }

// start starts the services on the real disk.
func (c *billed) start(b *testing.B) (end func()) {
	b.Helper()
	dir, err := os.MkdirTemp(cmp.Or(os.Getenv(lab.DiskVariable), b.TempDir()), "overload")
	require.NoError(b, err)
	ctx, cancel := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	var databases []*sqlite.DB
	for _, s := range inRows().Services {
		db, err := sqlite.Open(ctx, sqlite.Config{
			Path: filepath.Join(dir, s.Name), Schema: s.Schema + seed()[s.Name], Gate: c,
		})
		require.NoError(b, err)
		databases = append(databases, db)
		c.services[s.Name] = s.New(db, &http.Client{Transport: c})
		if runner, ok := c.services[s.Name].(interface{ Run(context.Context) error }); ok {
			wg.Go(func() { _ = runner.Run(ctx) }) // it returns when ctx is done
		}
	}
	return func() {
		cancel()
		wg.Wait()
		for _, db := range databases {
			err = errors.Join(err, db.Close())
		}
		require.NoError(b, errors.Join(err, os.RemoveAll(dir)))
	}
}

// drive has clients place one order after the other.
func (c *billed) drive(b *testing.B, clients int) {
	b.Helper()
	placing, cancel := context.WithTimeout(b.Context(), overloadTime)
	defer cancel()
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for n := 0; placing.Err() == nil; n++ {
				status := c.place(b.Context(), i, fmt.Sprintf("order-%d-%d", i, n))
				if status != http.StatusServiceUnavailable {
					continue
				}
				select {
				case <-time.After(overloadPause):
				case <-placing.Done():
				}
			}
		})
	}
	wg.Wait()
}

func (c *billed) place(ctx context.Context, client int, id string) int {
	name := fmt.Sprintf("account-%d", client%spread)
	body := fmt.Sprintf(`{"customer":%q,"item":%q,"quantity":1,"slot":%q}`, name, name, name)
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/orders", strings.NewReader(body))
	r.Header.Set("Idempotency-Key", id)
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.serve("order", r)
	if err != nil {
		return 0
	}
	c.add(id, func(b *bill) { b.status = answer.StatusCode })
	return answer.StatusCode
}

func (c *billed) report(b *testing.B, elapsed time.Duration) {
	orders, sums := map[int]float64{}, map[int]bill{}
	for _, one := range c.bills {
		orders[one.status]++
		sum := sums[one.status]
		sum.messages += one.messages
		sum.transactions += one.transactions
		sums[one.status] = sum
	}
	const away = http.StatusServiceUnavailable
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(orders[http.StatusCreated]/elapsed.Seconds(), "orders/s")
	b.ReportMetric(orders[away], "turned-away")
	b.ReportMetric(float64(sums[away].messages)/max(1, orders[away]), "messages/turned-away")
	turnedAway := max(1, orders[away])
	b.ReportMetric(float64(sums[away].transactions)/turnedAway, "transactions/turned-away")
}

// spread is over how many items, customers and slots the orders are spread.
const spread = 1000

// seed makes so many items, customers and slots, each of which lasts for any load.
func seed() map[string]string {
	many := func(insert string) string {
		return fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n
			WHERE i < %d) %s FROM n;`, spread-1, insert)
	}
	accounts := many("INSERT INTO accounts SELECT 'account-' || i, 1000000000")
	return map[string]string{
		"order": many("INSERT INTO prices SELECT 'account-' || i, 1"),
		"stock": accounts, "payment": accounts, "delivery": accounts,
	}
}
