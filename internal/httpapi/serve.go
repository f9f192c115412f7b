package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// grace is how long requests may go on after the context of [Serve] is done.
const grace = 3 * time.Second

// Serve answers the connections of a listener until ctx is done, and then
// shuts down in bounded time: it accepts no more, lets the requests in flight
// finish for three seconds, cancels the contexts of those that have not,
// closes their connections, and waits for three seconds more. It returns nil
// when every goroutine that it started, and so every handler, has ended; the
// listener is closed. It returns an error if the listener fails, or if a
// handler goes on although its context is cancelled.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	return serve(ctx, listener, newServer(handler), grace)
}

// newServer returns a server that no client can hold on to for ever.
func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,  // against a header that trickles in
		ReadTimeout:       10 * time.Second, // against a body that does
		WriteTimeout:      30 * time.Second, // header read to answer written: a later one is lost
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
}

func serve(
	ctx context.Context, listener net.Listener, server *http.Server, grace time.Duration,
) error {
	// A request outlives ctx, because cutting it off is what shutting down
	// gently avoids; abandon tells it when the time is up.
	requests, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	server.BaseContext = func(net.Listener) context.Context { return requests }
	ended := countConnections(server)

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		abandon()
		err = fmt.Errorf("serve %s: %w", listener.Addr(), err)
		return errors.Join(err, server.Close(), ended(grace))
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(requests, grace)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		abandon()
		_ = server.Close() // all of it is being abandoned
	}
	<-failed
	return ended(grace)
}

// countConnections follows the connections of a server, each of which is a
// goroutine that also runs the handlers; Close alone does not wait for them.
// The function that it returns waits until all have ended, or for so long.
func countConnections(server *http.Server) func(time.Duration) error {
	var open sync.WaitGroup
	server.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed, http.StateHijacked:
			open.Done()
		}
	}
	return func(patience time.Duration) error {
		ended := make(chan struct{})
		go func() { open.Wait(); close(ended) }()
		select {
		case <-ended:
			return nil
		case <-time.After(patience):
			return errors.New("shut down: a handler ignores that its context is cancelled")
		}
	}
}
