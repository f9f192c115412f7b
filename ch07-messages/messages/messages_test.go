package messages_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/nats-io/nats-server/v2/server/ats"
	"github.com/stretchr/testify/require"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/messages"
	"example.com/dtx/ch07-messages/stock"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

func TestMain(m *testing.M) {
	ats.Register() // the server's clock would belong to the first test that needs it
	os.Exit(m.Run())
}

// direct carries requests to a handler in the same process.
type direct struct{ http.Handler }

// RoundTrip is part of http.RoundTripper.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

// shop is a broker, and stock behind it.
type shop struct {
	*testing.T
	broker *broker.Broker
	stock  http.Handler
}

// inShop runs a test on a shop, in time that costs nothing.
func inShop(t *testing.T, test func(shop)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		b, err := broker.Open(ctx, filepath.Join(dir, "broker"),
			broker.Consumer{Name: "stock", Subjects: []string{"placed", "not-authorized"}})
		require.NoError(t, err)
		db, err := sqlite.Open(ctx, sqlite.Config{
			Path: filepath.Join(dir, "stock.db"), Schema: stock.Schema,
		})
		require.NoError(t, err)
		service := stock.New(db, &http.Client{Transport: direct{b}})
		ended := make(chan error, 2)
		go func() { ended <- b.Run(ctx) }()
		go func() { ended <- service.(interface{ Run(context.Context) error }).Run(ctx) }()
		t.Cleanup(func() {
			end()
			require.NoError(t, errors.Join(<-ended, <-ended, db.Close()))
		})
		test(shop{t, b, service})
	})
}

// hear has an event delivered, and waits until nothing goes on.
func (s shop) hear(name, body string) {
	_, err := s.broker.Publish(s.Context(), name, name+" of order-1", []byte(body))
	require.NoError(s, err)
	synctest.Wait()
}

// ask returns the answer to a request, as text.
func (s shop) ask(method, path string) (status int, body string) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, nil)
	s.stock.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

// event is the body of an event of an order of two packets of tea.
func event(name string) string {
	return `{"name":"` + name + `","order":"order-1","content":{"customer":"ada","item":"tea",` +
		`"quantity":2,"slot":"mon-am","cents":1000,"why":"` + string(httpapi.SlotFull) + `"}}`
}

func TestARefusedEventIsParkedCountedAndReleased(t *testing.T) {
	inShop(t, func(s shop) {
		s.hear("not-authorized", event("not-authorized")) // nothing was taken
		_, parked := s.ask("GET", "/parked")
		require.Contains(t, parked, `{"count":1,"oldest":[{"id":"not-authorized of order-1"`)
		release := "/parked/not-authorized%20of%20order-1/release"
		status, _ := s.ask("POST", release)
		require.Equal(t, http.StatusNotFound, status, "the cause is not repaired")
		_, parked = s.ask("GET", "/parked")
		require.Contains(t, parked, `"count":1`)

		s.hear("placed", event("placed"))
		_, items := s.ask("GET", "/items")
		require.Contains(t, items, `{"name":"tea","amount":8}`)
		status, _ = s.ask("POST", release)
		require.Equal(t, http.StatusOK, status)
		_, items = s.ask("GET", "/items")
		require.Contains(t, items, `{"name":"tea","amount":10}`)
		_, parked = s.ask("GET", "/parked")
		require.Equal(t, `{"count":0,"oldest":[]}`, parked)
		status, _ = s.ask("POST", release)
		require.Equal(t, http.StatusNotFound, status, "it is not parked any more")
	})
}

func TestAnEventThatCannotBeReadLetsOthersPass(t *testing.T) {
	inShop(t, func(s shop) {
		s.hear("not-authorized", "{")
		s.hear("placed", event("placed"))
		_, items := s.ask("GET", "/items")
		require.Contains(t, items, `{"name":"tea","amount":8}`)
		_, parked := s.ask("GET", "/parked")
		require.Contains(t, parked, `"count":1`)
	})
}

func TestWhatTheBrokerRefusesIsSetAsideAndReleased(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		db, err := sqlite.Open(ctx, sqlite.Config{
			Path: filepath.Join(dir, "order.db"), Schema: messages.Schema,
		})
		require.NoError(t, err)
		refuses := direct{httpapi.Handle(func(http.ResponseWriter, *http.Request) error {
			return httpapi.TooLarge.With("a body has at most 1 byte")
		})}
		s := messages.New("order", db, broker.Client{HTTP: &http.Client{Transport: refuses}},
			nil, func(string) {})
		router := httpapi.NewRouter()
		s.Route(router)
		require.NoError(t, db.Update(ctx, func(tx *sqlite.Tx) error {
			return s.Publish(tx, "order-1", messages.Content{}, "placed")
		}))
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		t.Cleanup(func() {
			end()
			require.NoError(t, errors.Join(<-ended, db.Close()))
		})
		synctest.Wait()
		_, outbox := shop{t, nil, router}.ask("GET", "/outbox")
		require.Contains(t, outbox, "body too large: a body has at most 1 byte")
		status, said := shop{t, nil, router}.ask("POST", "/outbox/placed%20of%20order-1/release")
		require.Equal(t, http.StatusOK, status)
		require.JSONEq(t, "{}", said)
		status, _ = shop{t, nil, router}.ask("POST", "/outbox/placed%20of%20order-2/release")
		require.Equal(t, http.StatusNotFound, status, "there is no such event")
	})
}
