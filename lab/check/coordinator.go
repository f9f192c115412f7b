package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path"
	"slices"
	"sync"
	"time"

	"example.com/dtx/internal/openapi"
)

// coordinator answers the participant's inquiries.
type coordinator struct {
	http.Server
	address string // host and port
	checks  *openapi.Document

	mu    sync.Mutex
	told  map[string]string // state of each transaction; pending if there is none
	asked map[string]int    // number of inquiries that have been answered
	flaw  error             // flaw of the first that breaks the contract
}

// What the coordinator does with an inquiry beside saying a state.
const (
	pending   = "pending"
	notOurs   = "404 not-found"
	noAnswer  = "no answer"
	problem   = `{"type":"https://example.com/dtx/problems/%s","title":"%[1]s","status":%d}`
	inquiries = "/transactions/"
)

// coordinate starts a coordinator.
func coordinate(document *openapi.Document) (*coordinator, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &coordinator{
		address: listener.Addr().String(), checks: document,
		told: map[string]string{}, asked: map[string]int{},
	}
	c.Handler = c
	go func() { _ = c.Serve(listener) }() // its error is that it has been closed
	return c, nil
}

// ServeHTTP answers an inquiry as it has been told to.
func (c *coordinator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := path.Base(r.URL.Path)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[id]++
	reply, status, media := cmp.Or(c.told[id], pending), http.StatusOK, "application/json"
	body := fmt.Sprintf(`{"state":%q}`, reply)
	switch reply {
	case noAnswer:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
		}
		return
	case notOurs:
		status, media = http.StatusNotFound, "application/problem+json"
		body = fmt.Sprintf(problem, "not-found", status)
	}
	w.Header().Set("Content-Type", media)
	err := c.checks.Check(openapi.Exchange{
		Method: r.Method, URL: r.URL, Sent: r.Header,
		Status: status, Got: w.Header(), Answer: []byte(body), Finer: true,
	})
	if c.flaw == nil && err != nil {
		c.flaw = fmt.Errorf("the contract of an inquiry is not kept: %w", err)
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // an error means that the participant has died
}

// tell has inquiries about a transaction answered so.
func (c *coordinator) tell(id, reply string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told[id] = reply
	c.asked[id] = 0
}

// answeredSo returns how many inquiries have been answered since tell.
func (c *coordinator) answeredSo(id string) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked[id], c.flaw
}

// errNeverAsks is what a participant does wrong that is in doubt.
var errNeverAsks = errors.New("the participant is in doubt, and does not ask the coordinator")

// inquires waits until the participant has inquired twice: it is then done with the first
// answer, which is no decision. If the ledger is no longer right, there is nothing to wait for.
func (t *trial) inquires(ctx context.Context, m message, reply string) error {
	t.tell(m.id, reply)
	err := t.until(ctx, m.id, func() (bool, error) {
		n, flaw := t.answeredSo(m.id)
		if n > 1 || flaw != nil {
			return true, flaw
		}
		isRight, err := t.shows(ctx, func(s state) state { return s })
		return !isRight, err
	})
	t.asks(m.id, reply)
	return err
}

// decide tells the participant a decision, if it inquires. It may do so at any time from
// now on.
func (t *trial) decide(m message) {
	t.tell(m.id, map[string]string{commit: committed, abort: aborted}[m.path])
	t.decided = append(t.decided, m)
	t.move(func(s state) []state { return []state{s} })
}

// ends waits until the participant has carried out a decision of which it hears only when it
// inquires.
func (t *trial) ends(ctx context.Context, m message) error {
	err := t.until(ctx, m.id, func() (bool, error) {
		n, flaw := t.answeredSo(m.id)
		if n == 0 || flaw != nil {
			return false, flaw
		}
		return t.shows(ctx, func(s state) state {
			after, _ := t.apply(s, m)
			return after
		})
	})
	t.asks(m.id, t.told[m.id])
	return err
}

// shows tells whether the ledger is that of a right participant after something has come.
func (t *trial) shows(ctx context.Context, after func(state) state) (bool, error) {
	said, err := t.read(ctx)
	isRight := func(s state) bool { return t.says(after(s)) == said }
	return slices.ContainsFunc(t.states, isRight), err
}

// until waits until a transaction has got so far.
func (t *trial) until(ctx context.Context, id string, isSo func() (bool, error)) error {
	for began := time.Now(); ; time.Sleep(pause) {
		ok, err := isSo()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return broken{err}
		case ok:
			return nil
		case t.dead():
			return broken{errors.New("the program has ended by itself")}
		case time.Since(began) > patience:
			if n, _ := t.answeredSo(id); n == 0 {
				return broken{errNeverAsks}
			}
			return broken{fmt.Errorf("%s is still in doubt after the coordinator's answer", id)}
		}
	}
}
