package choreography_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

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
		require.Empty(t, ended, "it has ended by itself")
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

// TestAnEventWithoutAPlaceIsDeliveredAsSoonAsThereIsOne has more events at the same time
// than are delivered to one peer at a time.
func TestAnEventWithoutAPlaceIsDeliveredAsSoonAsThereIsOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		back, told := make(chan struct{}), make(chan struct{}, 100)
		service := publishes(t, "", func(w http.ResponseWriter, r *http.Request) {
			told <- struct{}{}
			<-back
			_ = acknowledge(w, r)
		})
		synctest.Wait()
		began := time.Now()
		for i := range 66 {
			id := fmt.Sprint("order-", i)
			require.Equal(t, 200, tell(service, "placed", id, content("ada", 20, 500, "")))
			synctest.Wait() // the last but one waits for a place, and the last one comes then
		}
		require.Len(t, told, 64)
		close(back)
		synctest.Wait()
		require.Len(t, told, 66)
		require.Zero(t, time.Since(began), "an event waits for the outbox's tick")
	})
}

func TestAnEventIsSentFourTimesAndThenWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		var back atomic.Bool
		service := publishes(
			t,
			`INSERT INTO outbox (peer, event, saga, content, published)
			VALUES ('order', 'not-taken', 'order-1', '{}', 0);`,
			func(w http.ResponseWriter, r *http.Request) {
				if calls.Add(1); !back.Load() {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
				_ = acknowledge(w, r)
			},
		)
		time.Sleep(4 * time.Second)
		require.EqualValues(t, 4, calls.Load())
		require.Equal(t, "[]", get(service, "/parked"), "it is not refused")
		back.Store(true)
		time.Sleep(2 * time.Second)
		require.EqualValues(t, 5, calls.Load())
		require.Equal(t, "[]", get(service, "/outbox"))
	})
}

func acknowledge(w http.ResponseWriter, r *http.Request) error {
	receipt := choreography.Receipt{Saga: r.Header.Get("Idempotency-Key")}
	return httpapi.WriteJSON(w, http.StatusOK, receipt)
}
