package choreography_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/choreography"
	"example.com/dtx/ch04-saga/stock"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// at has every request served by one handler.
type at http.HandlerFunc

func (serve at) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	serve(w, r)
	return w.Result(), nil
}

func TestAnEventThatCannotBeReadDoesNotKeepTheOthersBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlite.Open(t.Context(), sqlite.Config{
			Path: filepath.Join(t.TempDir(), "stock.db"),
			Schema: stock.Schema + choreography.OutboxSchema + `
				INSERT INTO outbox (peer, event, saga, news) VALUES ('order', 'not-taken', 'order-1', 'what nobody can read'),
					('payment', 'taken', 'order-10', '{"customer":"ada","item":"tea","quantity":1,"slot":"mon-am","cents":500,"why":""}');`,
		})
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		var told []string
		service := choreography.NewStock(db, &http.Client{Transport: at(func(w http.ResponseWriter, r *http.Request) {
			told = append(told, r.URL.Path+" "+r.Header.Get("Idempotency-Key"))
			_ = httpapi.WriteJSON(w, http.StatusOK, struct{}{})
		})})
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- service.Run(ctx) }()
		synctest.Wait()
		require.Equal(t, []string{"/taken order-10"}, told)
		end()
		require.NoError(t, <-ended)
	})
}
