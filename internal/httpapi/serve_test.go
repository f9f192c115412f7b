package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/dtx/internal/httpapi"
	"github.com/stretchr/testify/require"
)

func TestAServerHasAllItsLimits(t *testing.T) {
	server := httpapi.NewServer(http.NotFoundHandler())
	for name, limit := range map[string]time.Duration{
		"ReadHeaderTimeout": server.ReadHeaderTimeout,
		"ReadTimeout":       server.ReadTimeout,
		"WriteTimeout":      server.WriteTimeout,
		"IdleTimeout":       server.IdleTimeout,
	} {
		require.Positive(t, limit, name)
		require.LessOrEqual(t, limit, time.Minute, name)
	}
	require.Less(t, server.ReadHeaderTimeout, server.ReadTimeout,
		"the header is a part of the request")
	require.Less(t, server.ReadTimeout, server.WriteTimeout, "there must be time left to answer")
	require.Positive(t, server.MaxHeaderBytes)
	require.LessOrEqual(t, server.MaxHeaderBytes, httpapi.MaxBody)
}

func TestASlowClientIsDropped(t *testing.T) {
	const soon = 20 * time.Millisecond
	for _, row := range []struct {
		name, sent, answer string
		limit              func(*http.Server)
		reason             string
	}{
		{"no header", "", "", func(s *http.Server) { s.ReadHeaderTimeout = soon },
			"it only takes a place"},
		{"half a header", "POST / HTTP/1.1\r\nHost:", "",
			func(s *http.Server) { s.ReadHeaderTimeout = soon }, "slowloris"},
		{"half a body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
			"Content-Length: 99\r\n\r\n" + good, "400",
			func(s *http.Server) { s.ReadTimeout = soon },
			"slowloris, one step later; the half is valid JSON"},
		{"no next request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "415",
			func(s *http.Server) { s.IdleTimeout = soon }, "kept alive, not for ever"},
		{"long header", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 64<<10), "431",
			func(*http.Server) {}, "it would fill the memory"},
	} {
		t.Run(row.name, func(t *testing.T) {
			decode := httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
				_, err := httpapi.Decode[order](w, r)
				return err
			})
			server := httpapi.NewServer(decode)
			row.limit(server)
			listener := listen(t)
			start(t, func(ctx context.Context) error {
				return httpapi.ServeWithin(ctx, listener, server, time.Minute)
			})
			connection := dial(t, listener)
			_, _ = io.WriteString(connection, row.sent) // the server may hang up while we write
			answer, err := bufio.NewReader(connection).ReadString('\n')
			if row.answer == "" {
				require.ErrorIs(t, err, io.EOF, row.reason)
				return
			}
			require.NoError(t, err)
			require.Contains(t, answer, row.answer, row.reason)
			_, err = io.Copy(io.Discard, connection)
			require.False(t, isTimeout(err), "the server has not hung up: "+row.reason)
		})
	}
}

func TestARequestInFlightFinishesAfterShutdownBegan(t *testing.T) {
	listener := listen(t)
	entered, closing := make(chan struct{}), listener.closed
	handler := httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		close(entered)
		<-closing
		return httpapi.WriteJSON(w, http.StatusOK, r.Context().Err() == nil)
	})
	stop, stopped := start(t, func(ctx context.Context) error {
		return httpapi.Serve(ctx, listener, handler)
	})
	answer := make(chan bool, 1)
	go func() {
		url := "http://" + listener.Addr().String()
		alive, err := httpapi.Get[bool](t.Context(), http.DefaultClient, url)
		answer <- alive && err == nil
	}()
	<-entered
	stop()
	require.True(t, <-answer, "it is answered, and its context was not cancelled")
	require.NoError(t, <-stopped)
}

func TestShutdownIsBounded(t *testing.T) {
	const soon = 20 * time.Millisecond
	t.Run("a handler that takes too long has its context cancelled", func(t *testing.T) {
		listener, entered := listen(t), make(chan struct{})
		var ended atomic.Bool
		stop, stopped := start(t, func(ctx context.Context) error {
			handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				defer ended.Store(true)
				close(entered)
				<-r.Context().Done()
			})
			return httpapi.ServeWithin(ctx, listener, httpapi.NewServer(handler), soon)
		})
		// half of a request is sent, so that only the shutdown can cancel it.
		const half = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
		_, err := io.WriteString(dial(t, listener), half)
		require.NoError(t, err)
		<-entered
		stop()
		require.NoError(t, <-stopped)
		require.True(t, ended.Load(), "no goroutine is left")
	})
	t.Run("a handler that ignores it is reported", func(t *testing.T) {
		listener, entered, release := listen(t), make(chan struct{}), make(chan struct{})
		stop, stopped := start(t, func(ctx context.Context) error {
			handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				close(entered)
				<-release
			})
			return httpapi.ServeWithin(ctx, listener, httpapi.NewServer(handler), soon)
		})
		_, err := io.WriteString(dial(t, listener), "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
		<-entered
		stop()
		require.ErrorContains(t, <-stopped, "a handler ignores")
		close(release)
	})
	t.Run("a connection that sends nothing is closed", func(t *testing.T) {
		listener := listen(t)
		stop, stopped := start(t, func(ctx context.Context) error {
			server := httpapi.NewServer(http.NotFoundHandler())
			return httpapi.ServeWithin(ctx, listener, server, soon)
		})
		connection := dial(t, listener)
		stop()
		require.NoError(t, <-stopped)
		_, err := connection.Read(make([]byte, 1))
		require.Error(t, err)
		require.False(t, isTimeout(err))
	})
}

func TestServeReturnsAtOnceWhenItsContextIsDone(t *testing.T) {
	listener := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, httpapi.Serve(ctx, listener, http.NotFoundHandler()))
	_, err := listener.Accept()
	require.ErrorIs(t, err, net.ErrClosed)
}

func TestServeReturnsTheErrorOfItsListener(t *testing.T) {
	listener := listen(t)
	require.NoError(t, listener.Close())
	err := httpapi.Serve(t.Context(), listener, http.NotFoundHandler())
	require.ErrorIs(t, err, net.ErrClosed)
	require.ErrorContains(t, err, "serve 127.0.0.1")
}

// A closing listener tells when it is closed.
type closing struct {
	net.Listener
	once   sync.Once
	closed chan struct{}
}

func (l *closing) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

func listen(t *testing.T) *closing {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	return &closing{Listener: listener, closed: make(chan struct{})}
}

// dial connects; whatever waits on the connection gives up after ten seconds.
func dial(t *testing.T, listener net.Listener) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { connection.Close() })
	require.NoError(t, connection.SetDeadline(time.Now().Add(10*time.Second)))
	return connection
}

// start runs serve until stop is called or the test ends; stopped has its error.
func start(t *testing.T, serve func(context.Context) error) (stop func(), stopped <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	result, ended := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(ended)
		result <- serve(ctx)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return cancel, result
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}
