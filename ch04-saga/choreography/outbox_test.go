package choreography_test

import (
	"context"
	"errors"
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

// publishes runs stock with an outbox that holds these rows, and returns it.
func publishes(t *testing.T, rows string, receive at) *choreography.Service {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{
		Path:   filepath.Join(t.TempDir(), "stock.db"),
		Schema: stock.Schema + choreography.OutboxSchema + rows,
	})
	require.NoError(t, err)
	service := choreography.NewStock(db, &http.Client{Transport: receive})
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	t.Cleanup(func() {
		end()
		require.NoError(t, errors.Join(<-ended, db.Close()))
	})
	return service
}

func TestAnEventThatCannotBeReadDoesNotKeepTheOthersBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []string
		publishes(
			t,
			`INSERT INTO outbox (peer, event, saga, content, published)
			VALUES ('order', 'not-taken', 'order-1', 'not JSON', 0),
			('payment', 'taken', 'order-10',
			'{"customer":"ada","item":"tea","quantity":1,
			"slot":"mon-am","cents":500,"why":""}', 0);`,
			func(w http.ResponseWriter, r *http.Request) {
				told = append(told, r.URL.Path+" "+r.Header.Get("Idempotency-Key"))
				_ = acknowledge(w, r)
			},
		)
		synctest.Wait()
		require.Equal(t, []string{"/taken order-10"}, told)
	})
}

func TestAPeerThatIsAwayDoesNotKeepEventsFromTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		told := make(chan string, 1)
		publishes(
			t,
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
			INSERT INTO outbox (peer, event, saga, content, published)
			SELECT 'payment', 'taken', 'order-' || i, '{}', 0 FROM n;
			INSERT INTO outbox (peer, event, saga, content, published)
			VALUES ('order', 'not-taken', 'order-0', '{}', 0);`,
			func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Host == "payment" {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
				told <- r.URL.Path
				_ = acknowledge(w, r)
			},
		)
		synctest.Wait()
		require.Len(
			t,
			told,
			1,
			"order is there, and has not heard of what waits behind a thousand events for payment",
		)
	})
}

func acknowledge(w http.ResponseWriter, r *http.Request) error {
	receipt := choreography.Receipt{Saga: r.Header.Get("Idempotency-Key")}
	return httpapi.WriteJSON(w, http.StatusOK, receipt)
}
