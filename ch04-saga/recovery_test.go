package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

const unfinished = 1000 // sagas in a log that is recovered

// fill makes a log of unfinished sagas, of which nothing is done, each among so
// many others that are finished.
const fill = `
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %[1]d)
	INSERT INTO sagas (id, began, steps, state, open) SELECT printf('order-%%06d', i), i, '[
		{"name": "take the units", "body": {"name": "tea", "amount": 1},
			"forward": "http://stock/take", "compensation": "http://stock/give-back"},
		{"name": "authorize the payment", "body": {"name": "ada", "amount": 1},
			"forward": "http://payment/authorize", "compensation": "http://payment/void"},
		{"name": "book a place", "body": {"name": "mon-am", "amount": 1},
			"forward": "http://delivery/book"},
		{"name": "capture the payment", "body": {"name": "ada", "amount": 1},
			"forward": "http://payment/capture"}]',
		iif(i %% %[2]d = 0, 'running', 'done'), i %% %[2]d = 0 FROM n;
INSERT INTO orders SELECT id, 'ada', 'tea', 1, 'mon-am', 1 FROM sagas;
`

// recovered is how a shop came up on a log.
type recovered struct {
	Ready, Done time.Duration // time from its start until it answered, and until all was finished
	Memory      int64         // what the Go runtime had from the system in the end; in bytes
}

// BenchmarkRecovery starts a shop on a log with unfinished sagas, beside none
// that are finished and beside many: neither time nor memory may grow.
func BenchmarkRecovery(b *testing.B) {
	for _, finished := range []int{0, 100_000} {
		b.Run(fmt.Sprintf("finished=%d", finished), func(b *testing.B) {
			dir, err := os.MkdirTemp(os.Getenv(lab.DiskVariable), "dtx")
			require.NoError(b, err)
			defer func() { require.NoError(b, os.RemoveAll(dir)) }()
			total := unfinished + finished
			log, err := sqlite.Open(b.Context(), sqlite.Config{
				Path: filepath.Join(
					dir,
					"order.db",
				), Schema: order.Schema + fmt.Sprintf(fill, total-1, total/unfinished),
			})
			require.NoError(b, err)
			require.NoError(b, log.Close())
			self, err := os.Executable()
			require.NoError(b, err)
			cmd := exec.CommandContext(b.Context(), self)
			cmd.Env, cmd.Stderr = append(os.Environ(), recoveryVariable+"="+dir), os.Stderr
			out, err := cmd.Output()
			require.NoError(b, err)
			var r recovered
			require.NoError(b, json.Unmarshal(out, &r))
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(r.Ready.Microseconds())/1000, "ready-ms")
			b.ReportMetric(float64(r.Done.Milliseconds()), "done-ms")
			b.ReportMetric(float64(r.Memory)/(1<<20), "MB")
		})
	}
}

// recoveryVariable names the directory of a log, for a process that recovers it.
const recoveryVariable = "RECOVERY"

// recoverIfAsked does not return if this process was started to recover a log.
func recoverIfAsked() {
	dir := os.Getenv(recoveryVariable)
	if dir == "" {
		return
	}
	r, err := recoverLog(context.Background(), dir)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(r)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// recoverLog does in a process of its own what a shop does when it comes up.
func recoverLog(ctx context.Context, dir string) (r recovered, err error) {
	began := time.Now()
	services := handlers{}
	for _, s := range orchestrated().Services {
		schema := s.Schema
		if s.Name != "order" {
			schema += "UPDATE accounts SET amount = 1000000;"
		}
		db, err := sqlite.Open(
			ctx,
			sqlite.Config{Path: filepath.Join(dir, s.Name+".db"), Schema: schema},
		)
		if err != nil {
			return r, err
		}
		defer db.Close()
		services[s.Name] = s.New(db, &http.Client{Transport: services})
	}
	ctx, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- services["order"].(lab.Runner).Run(ctx) }()
	services["order"].ServeHTTP(
		httptest.NewRecorder(),
		httptest.NewRequest(http.MethodGet, "/orders/order-000000", nil),
	)
	r.Ready = time.Since(began)
	for left := 1; left > 0 && err == nil; time.Sleep(10 * time.Millisecond) {
		err = sqlite.Inspect(ctx, filepath.Join(dir, "order.db"), func(tx *sqlite.Tx) error {
			return tx.QueryRow("SELECT count(*) FROM sagas WHERE open = 1").Scan(&left)
		})
	}
	r.Done = time.Since(began)
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(sample)
	r.Memory = int64(sample[0].Value.Uint64())
	end()
	return r, <-ended
}

// handlers are all services in one process, and the way to them.
type handlers map[string]http.Handler

func (s handlers) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(
		context.Background(),
	) // over a network come no values, and a router keeps its state in one
	defer cancel()
	defer context.AfterFunc(r.Context(), cancel)()
	w := httptest.NewRecorder()
	s[r.URL.Hostname()].ServeHTTP(w, r.WithContext(ctx))
	return w.Result(), nil
}
