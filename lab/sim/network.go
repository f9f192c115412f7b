package sim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
)

// network delivers requests between the processes of a world. It delivers on a
// goroutine of its own, and returns as soon as the sender's patience ends.
type network struct{ world *world }

// RoundTrip is part of http.RoundTripper.
func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	p := n.world.accept(r.URL.Hostname())
	if p == nil {
		return nil, fmt.Errorf("%s: %w", r.URL.Host, errRefused)
	}
	ctx, cancel := context.WithCancel(p.serving)
	hungUp := context.AfterFunc(r.Context(), cancel) // the receiver sees the connection close
	c := &conn{header: http.Header{}, status: http.StatusOK, broken: make(chan struct{})}
	go func() {
		defer cancel()
		defer hungUp()
		defer n.world.leave(p)
		defer c.finish()
		p.handler.ServeHTTP(c, request(ctx, r))
		c.done = true
	}()
	select {
	case <-c.broken:
	case <-p.serving.Done():
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return c.response(r)
}

// accept finds the process that listens under a name.
func (w *world) accept(name string) *process {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.reached(name)
	if p == nil || p.dead || p.failing() || p.ctx.Err() != nil || p.failed() {
		return nil
	}
	p.inFlight++
	return p
}

func (w *world) leave(p *process) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.inFlight--
}

// request is what the receiver sees of a sender's request.
func request(ctx context.Context, r *http.Request) *http.Request {
	in := r.Clone(ctx)
	in.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	in.RequestURI, in.Host, in.RemoteAddr = in.URL.RequestURI(), r.URL.Host, "127.0.0.1:0"
	return in
}

// conn is the receiver's end of a connection. It breaks when the answer is
// complete, when the receiver hangs up, or when its handler gives up.
type conn struct {
	header http.Header
	status int
	body   bytes.Buffer
	done   bool
	once   sync.Once
	broken chan struct{}
}

func (c *conn) Header() http.Header         { return c.header }
func (c *conn) WriteHeader(status int)      { c.status = status }
func (c *conn) Write(p []byte) (int, error) { return c.body.Write(p) }

// Disconnect closes the connection under the handler.
func (c *conn) Disconnect() { c.once.Do(func() { close(c.broken) }) }

// finish ends the connection as net/http does: a handler that panics breaks
// this connection, and nothing else.
func (c *conn) finish() {
	_ = recover()
	c.Disconnect()
}

func (c *conn) response(r *http.Request) (*http.Response, error) {
	select {
	case <-c.broken:
		if c.done {
			status := fmt.Sprintf("%d %s", c.status, http.StatusText(c.status))
			return &http.Response{
				StatusCode: c.status, Status: status,
				Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: c.header, Request: r,
				ContentLength: int64(c.body.Len()), Body: io.NopCloser(&c.body),
			}, nil
		}
	default:
	}
	return nil, fmt.Errorf("%s: %w", r.URL.Host, errReset)
}
