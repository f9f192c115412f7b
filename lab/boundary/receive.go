package boundary

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"strconv"
	"sync"

	"example.com/dtx/lab/fault"
)

// Handler stands before a service: it is the fault point
// "payment: POST /charge order-1 #1".
func Handler(lab Lab, service string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		line := connection{w: w}
		defer line.answered()
		s := serving{
			message: r.Header.Get(header), op: r.Method + " " + r.URL.Path,
			key:    r.Header.Get("Idempotency-Key"),
			hangUp: func() { cancel(); line.disconnect() },
		}
		stop := fault.Stop{
			Step: fault.Receiving, Message: s.message, Serving: s.message,
			Point: fault.Point{Boundary: fault.Receive, Service: service, Op: s.op, Key: s.key},
		}
		ruling, err := lab.Pass(ctx, stop)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if ruling.HangUp {
			s.hangUp()
		}
		answer := &answer{header: http.Header{}, status: http.StatusOK}
		next.ServeHTTP(answer, r.WithContext(context.WithValue(ctx, servingKey{}, s)))

		stop.Step, stop.Point, stop.Gone = fault.Replying, ruling.Point, ctx.Err() != nil
		stop.Text = strconv.Itoa(answer.status)
		ruling, err = lab.Pass(ctx, stop)
		if err == nil && ruling.Lost {
			<-ctx.Done() // the one who asked waits in vain, until its patience ends
		}
		if err != nil || ruling.Lost {
			panic(http.ErrAbortHandler)
		}
		answer.send(w, ruling.Messages)
	})
}

// connection is what a request came on. Work that the request has begun may go on after
// its answer: then there is nothing to disconnect any more.
type connection struct {
	mu   sync.Mutex
	w    http.ResponseWriter
	done bool
}

func (c *connection) answered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = true
}

// disconnect closes the connection under a request that is being served.
func (c *connection) disconnect() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done {
		return
	}
	if d, ok := c.w.(interface{ Disconnect() }); ok { // the simulated network's
		d.Disconnect()
		return
	}
	if conn, _, err := http.NewResponseController(c.w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// answer keeps what a service says until the laboratory lets it out.
type answer struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if !a.wrote {
		a.status, a.wrote = status, true
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.wrote = true
	return a.body.Write(p)
}

func (a *answer) send(w http.ResponseWriter, messages []string) {
	maps.Copy(w.Header(), a.header)
	for _, m := range messages {
		w.Header().Set(header, m)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // a client that has gone cannot be told
}
