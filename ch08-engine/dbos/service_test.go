package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dbos-inc/dbos-transact-golang/dbos"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/dtx/ch08-engine/dbos/order"
)

// network carries requests to participants.
type network func(*http.Request) (*http.Response, error)

// RoundTrip is part of http.RoundTripper.
func (n network) RoundTrip(r *http.Request) (*http.Response, error) { return n(r) }

// agrees is a network on which each participant says yes.
func agrees(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(`{"name":"a","amount":1}`)), Request: r,
	}, nil
}

// serve runs the service until end is called.
func serve(t *testing.T, dsn string, n network) (s *order.Service, end func()) {
	t.Helper()
	engine := func(ctx context.Context) (dbos.Context, error) {
		return dbos.NewContext(ctx, dbos.Config{
			AppName: "shop", DatabaseURL: dsn, Logger: slog.Default(), ApplicationVersion: "1",
		})
	}
	s = order.New(&http.Client{Transport: n}, order.Steps, engine)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	return s, func() {
		stop()
		require.NoError(t, receive(t, ended))
	}
}

// ask places an order, and returns the status of the answer.
func ask(t *testing.T, s *order.Service, key string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/orders", strings.NewReader(
		`{"customer":"ada","item":"tea","quantity":2,"slot":"mon-am"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code
}

func TestACustomerHearsThatTheOutcomeIsUnknownWhileTheDatabaseIsAway(t *testing.T) {
	if testing.Short() {
		t.Skip("a customer waits for nine seconds")
	}
	b := newBench(t)
	s, end := serve(t, b.database(t, empty), agrees)
	require.Equal(t, http.StatusCreated, ask(t, s, "order-1"))
	require.NoError(t, b.server.Kill())
	require.Equal(t, http.StatusServiceUnavailable, ask(t, s, "order-2"))
	require.NoError(t, b.server.Start(t.Context()))
	await(t, "the order is done", func() bool {
		return ask(t, s, "order-2") == http.StatusCreated
	})
	end()
}

func TestACustomerHearsThatTheOutcomeIsUnknownAtAShutdown(t *testing.T) {
	b := newBench(t)
	called := make(chan struct{}, 9)
	s, end := serve(t, b.database(t, empty), func(r *http.Request) (*http.Response, error) {
		called <- struct{}{}
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	answered := make(chan int, 1)
	go func() { answered <- ask(t, s, "order-1") }()
	receive(t, called)
	end()
	require.Equal(t, http.StatusServiceUnavailable, receive(t, answered))
}

func TestAServiceEndsAlsoWhileItsEngineIsBeingMade(t *testing.T) {
	b := newBench(t)
	dsn := b.database(t, empty)
	db, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	defer db.Close(context.WithoutCancel(t.Context()))
	_, err = db.Exec(t.Context(), "BEGIN; LOCK TABLE dbos.dbos_migrations")
	require.NoError(t, err)
	s := order.New(nil, order.Steps, func(ctx context.Context) (dbos.Context, error) {
		return dbos.NewContext(ctx, dbos.Config{
			AppName: "shop", DatabaseURL: dsn, Logger: slog.Default(),
		})
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	await(t, "the engine waits for the lock", func() bool {
		var n int
		const waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
		require.NoError(t, db.QueryRow(t.Context(), waits).Scan(&n))
		return n > 0
	})
	stop()
	require.Error(t, receive(t, ended))
}
