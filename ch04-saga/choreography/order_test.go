package choreography_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/choreography"
	"example.com/dtx/internal/sqlite"
)

func TestWhoWaitsWhenTheServiceEndsIsToldThatTheOrderIsPending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlite.Open(
			t.Context(),
			sqlite.Config{
				Path:   filepath.Join(t.TempDir(), "order.db"),
				Schema: choreography.OrderSchema,
			},
		)
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		order := choreography.NewOrder(
			db,
			&http.Client{
				Transport: at(
					func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
				),
			},
		)
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- order.Run(ctx) }()
		told := make(chan int, 1)
		began := time.Now()
		go func() {
			r := httptest.NewRequest(
				http.MethodPost,
				"/orders",
				strings.NewReader(`{"customer":"ada","item":"tea","quantity":2,"slot":"mon-am"}`),
			)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", "order-1")
			w := httptest.NewRecorder()
			order.ServeHTTP(w, r)
			told <- w.Code
		}()
		synctest.Wait()
		end()
		require.NoError(t, <-ended)
		require.Equal(t, http.StatusAccepted, <-told)
		require.Zero(t, time.Since(began), "no event comes any more, so no request waits for one")
	})
}
