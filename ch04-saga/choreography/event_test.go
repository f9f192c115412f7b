package choreography_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/choreography"
	"example.com/dtx/ch04-saga/stock"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// content is what an event carries about an order.
func content(customer string, quantity, cents int64, why string) string {
	return fmt.Sprintf(
		`{"customer":%q,"item":"tea","quantity":%d,"slot":"mon-am","cents":%d,"why":%q}`,
		customer,
		quantity,
		cents,
		why,
	)
}

// tell gives an event to a service and returns the status of the answer.
func tell(service http.Handler, event, saga, body string) int {
	return answer(service, event, saga, body).Code
}

func answer(service http.Handler, event, saga, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/"+event, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", saga)
	w := httptest.NewRecorder()
	service.ServeHTTP(w, r)
	return w
}

func get(service http.Handler, path string) string {
	w := httptest.NewRecorder()
	service.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return strings.TrimSpace(w.Body.String())
}

func database(t *testing.T, schema string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(
		t.Context(),
		sqlite.Config{Path: filepath.Join(t.TempDir(), "test.db"), Schema: schema},
	)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestAnInvalidEventChangesNothing(t *testing.T) {
	t.Parallel()
	db := database(t, stock.Schema+choreography.OutboxSchema)
	service := choreography.NewStock(db, nil)
	before := get(service, "/items")
	for name, body := range map[string]string{
		"a quantity below 0":    content("ada", -5, 500, ""),
		"no quantity":           content("ada", 0, 500, ""),
		"a price below 0":       content("ada", 1, -5000, ""),
		"the smallest quantity": content("ada", -1<<63, 500, ""),
		"a long name":           content(strings.Repeat("a", 60_000), 1, 500, ""),
		"a strange reason":      content("ada", 1, 500, "because"),
	} {
		for _, event := range []string{"placed", "not-authorized"} {
			told := answer(service, event, "order-1", body)
			require.Equal(t, 422, told.Code, "%s: %s", event, name)
			require.Contains(t, told.Body.String(), httpapi.Unprocessable, "%s: %s", event, name)
		}
	}
	require.Equal(t, 400, tell(service, "placed", "order-1", "{}"))
	require.Equal(t, before, get(service, "/items"))
	require.Equal(t, "[]", get(service, "/outbox"))
	require.NoError(t, db.View(t.Context(), func(tx *sqlite.Tx) error {
		var n int
		require.NoError(t, tx.QueryRow("SELECT count(*) FROM steps").Scan(&n))
		require.Zero(t, n)
		return nil
	}))
}

func TestAnEventForAnUnknownOrderIsRefused(t *testing.T) {
	t.Parallel()
	service := choreography.NewOrder(database(t, choreography.OrderSchema+
		`INSERT INTO orders VALUES ('order-1', 'ada', 'tea', 1, 'mon-am', 500);`), nil)
	require.Equal(t, 404, tell(service, "booked", "order-2", content("ada", 1, 500, "")))
	require.Equal(
		t,
		404,
		tell(service, "not-taken", "order-2", content("ada", 1, 500, string(httpapi.OutOfStock))),
	)
	require.Equal(
		t,
		422,
		tell(service, "booked", "order-1", content("ada", 2, 500, "")),
		"another order",
	)
	told := answer(service, "not-taken", "order-1", content("ada", 1, 500, ""))
	require.Equal(t, 422, told.Code, "no reason")
	require.Contains(t, told.Body.String(), httpapi.Unprocessable, "no reason")
	require.Contains(t, get(service, "/orders/order-1"), "pending")
	require.Equal(t, 200, tell(service, "booked", "order-1", content("ada", 1, 500, "")))
	require.Contains(t, get(service, "/orders/order%2D1"), "confirmed")
}

func TestARefusedEventIsParkedAndReleased(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls, refusal := 0, error(httpapi.NotFound)
		service := publishes(
			t,
			`INSERT INTO outbox (peer, event, saga, content, published)
			VALUES ('order', 'not-taken', 'order~1', '{}', 0);`,
			func(w http.ResponseWriter, r *http.Request) {
				calls++
				httpapi.Handle(func(http.ResponseWriter, *http.Request) error {
					if refusal != nil {
						return refusal
					}
					return acknowledge(w, r)
				})(w, r)
			},
		)
		time.Sleep(9 * time.Minute)
		require.Equal(t, 1, calls, "a parked event is tried rarely")
		require.Contains(
			t,
			get(service, "/parked"),
			`"id":"order~1","event":"not-taken","peer":"order"`,
		)
		require.Equal(t, 404, tell(service, "parked/order-1/release", "x", ""))
		refusal = nil
		require.Equal(t, 200, tell(service, "parked/order%7E1/release", "x", ""))
		synctest.Wait()
		require.Equal(t, 2, calls)
		require.Equal(t, "[]", get(service, "/outbox"))
	})
}

func TestParkedEventsKeepNoneBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		told := false
		publishes(
			t,
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
			INSERT INTO outbox (peer, event, saga, content, published)
			SELECT 'order', 'not-taken', 'bad', '{}', 0 FROM n;
			INSERT INTO outbox (peer, event, saga, content, published)
			VALUES ('order', 'not-taken', 'good', '{}', 0);`,
			at(httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
				if r.Header.Get("Idempotency-Key") == "bad" {
					return httpapi.NotFound.With("")
				}
				told = true
				return acknowledge(w, r)
			})),
		)
		synctest.Wait()
		require.True(t, told)
	})
}

func TestALongOutboxIsEmptiedWithoutAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		service := publishes(
			t,
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
			INSERT INTO outbox (peer, event, saga, content, published)
			SELECT 'payment', 'taken', 'order-' || i, '{}', 0 FROM n;`,
			func(w http.ResponseWriter, r *http.Request) {
				_ = acknowledge(w, r)
			},
		)
		synctest.Wait()
		require.Equal(t, "[]", get(service, "/outbox"))
		require.Zero(
			t,
			time.Since(began),
			"the outbox waits for its tick while there is something to send",
		)
	})
}
