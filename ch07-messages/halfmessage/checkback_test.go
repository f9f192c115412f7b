package halfmessage_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch07-messages/halfmessage"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// notFoundIs answers a check-back with a state if there is no record.
func notFoundIs(state halfmessage.State) check {
	return func(db *sqlite.DB, _ *halfmessage.Producer) handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			id, err := httpapi.Key(r)
			if err != nil {
				return err
			}
			now := state
			err = db.View(r.Context(), func(tx *sqlite.Tx) error {
				const read = "SELECT state FROM local_transactions WHERE id = ?"
				return tx.QueryRow(read, id).Scan(&now)
			})
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			return httpapi.WriteJSON(w, http.StatusOK, halfmessage.Answer{ID: id, State: now})
		}
	}
}

func TestDuringTheLocalTransactionTheAnswerIsUnknown(t *testing.T) {
	t.Parallel()
	p := newProducer(t)
	var during halfmessage.State
	require.NoError(t, p.Execute(t.Context(), "m-1", message, func(*sqlite.Tx) error {
		during = ask(t, p, "m-1")
		return nil
	}))
	require.Equal(t, halfmessage.Unknown, during)
	require.Equal(t, halfmessage.Committed, ask(t, p, "m-1"), "after its end")
}

func TestACheckBackThatFindsNothingStopsALaterCommit(t *testing.T) {
	t.Parallel()
	p := newProducer(t)
	require.Equal(t, halfmessage.RolledBack, ask(t, p, "m-1"))
	err := p.Execute(t.Context(), "m-1", message, func(*sqlite.Tx) error {
		require.Fail(t, "the local transaction ran after its check-back said rolled back")
		return nil
	})
	require.ErrorIs(t, err, httpapi.GivenUp)
	require.Equal(t, halfmessage.RolledBack, ask(t, p, "m-1"), "asked again")
}

func TestARefusalIsRecordedAndGivenAgain(t *testing.T) {
	t.Parallel()
	p := newProducer(t)
	refuse := func(*sqlite.Tx) error { return httpapi.InsufficientFunds.With("ada") }
	require.ErrorIs(t, p.Execute(t.Context(), "m-1", message, refuse), httpapi.InsufficientFunds)
	require.Equal(t, halfmessage.RolledBack, ask(t, p, "m-1"))
	accept := func(*sqlite.Tx) error { return nil }
	require.ErrorIs(t, p.Execute(t.Context(), "m-1", message, accept), httpapi.InsufficientFunds)
}

func TestALocalTransactionThatFailsLeavesNoRecord(t *testing.T) {
	t.Parallel()
	p := newProducer(t)
	broken := errors.New("broken")
	fail := func(*sqlite.Tx) error { return broken }
	require.ErrorIs(t, p.Execute(t.Context(), "m-1", message, fail), broken)
	accept := func(*sqlite.Tx) error { return nil }
	require.NoError(t, p.Execute(t.Context(), "m-1", message, accept), "executed again")
}

var message = halfmessage.Message{Producer: "order", Subject: "delivery", Body: "tea"}

// ask asks a producer back.
func ask(t *testing.T, p *halfmessage.Producer, id string) halfmessage.State {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	client := &http.Client{Transport: direct{httpapi.Handle(p.Check)}}
	a, err := httpapi.Post[halfmessage.Answer](ctx, client, "http://order/check", id, struct{}{})
	require.NoError(t, err)
	require.Equal(t, id, a.ID)
	return a.State
}

// newProducer returns a producer whose broker never asks by itself.
func newProducer(t *testing.T) *halfmessage.Producer {
	t.Helper()
	publish := func(context.Context, string, string, string) error { return nil }
	broker := halfmessage.New(open(t, "broker.db", halfmessage.Schema), nil, publish)
	client := &http.Client{Transport: direct{broker}}
	return halfmessage.NewProducer(open(t, "order.db", halfmessage.Records), client)
}

func open(t *testing.T, name, schema string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(t.TempDir(), name), Schema: schema,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// direct carries each request straight to a handler.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}
