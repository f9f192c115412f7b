package order_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// echo is a participant that does all it is asked, or refuses all while it is broken.
type echo struct{ broken atomic.Bool }

func (e *echo) RoundTrip(r *http.Request) (*http.Response, error) {
	if e.broken.Load() {
		w := httptest.NewRecorder()
		httpapi.Handle(func(http.ResponseWriter, *http.Request) error {
			return httpapi.NotFound.With("")
		})(w, r)
		return w.Result(), nil
	}
	return &http.Response{
		StatusCode: 200,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       r.Body,
	}, nil
}

// serve starts the service on a database that has been in use.
func serve(t *testing.T, rows string) http.Handler {
	t.Helper()
	return serveWith(t, &echo{}, rows)
}

func serveWith(t *testing.T, participants *echo, rows string) http.Handler {
	t.Helper()
	db, err := sqlite.Open(
		t.Context(),
		sqlite.Config{Path: filepath.Join(t.TempDir(), "order.db"), Schema: order.Schema + rows},
	)
	require.NoError(t, err)
	s := order.New(db, saga.New(db, &http.Client{Transport: participants}, saga.MaxPlaces))
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		end()
		require.NoError(t, <-ended)
		require.NoError(t, db.Close())
	})
	return s
}

func place(s http.Handler, id, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/orders", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", id)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func get(s http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

const tea = `{"customer":"ada","item":"tea","quantity":2,"slot":"mon-am"}`

func TestAnOrderIsFoundHoweverItsIDIsEscaped(t *testing.T) {
	t.Parallel()
	s := serve(t, "")
	require.Equal(t, 201, place(s, "a~b", tea).Code)
	for _, path := range []string{"/orders/a~b", "/orders/a%7Eb", "/orders/%61~b"} {
		require.Equal(t, 200, get(s, path).Code, path)
	}
	require.Equal(t, 404, get(s, "/orders/a%257Eb").Code)
}

func TestAKeyBelongsToOneOrder(t *testing.T) {
	t.Parallel()
	s := serve(t, "")
	require.Equal(t, 201, place(s, "order-1", tea).Code)
	require.Equal(
		t,
		201,
		place(s, "order-1", strings.Replace(tea, `"ada",`, ` "ada" ,`, 1)).Code,
		"the same order",
	)
	require.Equal(
		t,
		422,
		place(s, "order-1", strings.Replace(tea, "2", "3", 1)).Code,
		"another order",
	)
}

// TestAnAcceptedOrderOutlivesARelease checks that what an earlier release has accepted
// is not judged by the rules, or the prices, of this one.
func TestAnAcceptedOrderOutlivesARelease(t *testing.T) {
	t.Parallel()
	s := serve(t, `INSERT INTO orders VALUES ('order-1', 'ada', 'tea', 500, 'mon-am', 7);
		INSERT INTO sagas (id, began, steps, state, open) VALUES ('order-1', 0, '[]', 'done', 0);`)
	answer := place(s, "order-1", strings.Replace(tea, "2", "500", 1))
	require.Equal(t, 201, answer.Code)
	require.Contains(t, answer.Body.String(), `"cents":7`)
	require.Equal(t, 422, place(s, "order-2", strings.Replace(tea, "2", "500", 1)).Code)
}

func TestAParkedOrderIsListedAndReleased(t *testing.T) {
	t.Parallel()
	participants := &echo{}
	participants.broken.Store(true)
	s := serveWith(t, participants, `
		INSERT INTO orders VALUES ('a~b', 'ada', 'tea', 1, 'mon-am', 7);
		INSERT INTO sagas (id, began, state, steps) VALUES ('a~b', 0, 'done',
			'[{"forward": "http://payment/capture", "body": {"name": "ada", "amount": 7}}]');`)
	parked := func() bool { return get(s, "/parked").Body.String() != "[]\n" }
	require.Eventually(t, parked, time.Minute, time.Millisecond)
	require.Contains(t, get(s, "/parked").Body.String(), `"id":"a~b","state":"done"`)
	require.Contains(t, get(s, "/open").Body.String(), `"id":"a~b","state":"done"`)
	participants.broken.Store(false)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/parked/a%7Eb/release", nil))
	require.Equal(t, 200, w.Code)
	ended := func() bool { return get(s, "/open").Body.String() == "[]\n" }
	require.Eventually(t, ended, time.Minute, time.Millisecond)
	w = httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/parked/a%7Eb/release", nil))
	require.Equal(t, 404, w.Code)
}
