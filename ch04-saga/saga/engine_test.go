package saga_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// refuses answers every call with a yes, but for those to one path.
func refuses(path string) at {
	return at(httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path == path {
			return httpapi.OutOfStock.With("")
		}
		return httpapi.WriteJSON(w, http.StatusOK, saga.Body{Name: "tea", Amount: 1})
	}))
}

// run starts an orchestrator; the function that it returns ends it.
func run(t *testing.T, db *sqlite.DB, answer at) (*saga.Engine, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	engine := saga.New(db, &http.Client{Transport: answer})
	go func() { ended <- engine.Run(ctx) }()
	end := sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(end)
	return engine, end
}

func steps(undo ...string) (list []saga.Step) {
	for _, u := range undo {
		list = append(list, saga.Step{Do: "http://stock/take", Undo: u, Body: saga.Body{Name: "tea", Amount: 1}})
	}
	return list
}

func nothing(*sqlite.Tx) error { return nil }

func TestASagaWhoseStepsCanAllBeUndoneMayBeRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		engine, _ := run(t, open(t), refuses("/take"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		s, err := engine.Carry(ctx, saga.Saga{ID: "order-1", Steps: steps("http://stock/give-back", "http://stock/give-back")}, nothing)
		require.NoError(t, err)
		require.Equal(t, saga.Undone, s.State)
		require.Equal(t, httpapi.OutOfStock, s.Why)
	})
}

func TestAKeyOutlivesARelease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := open(t)
		engine, end := run(t, db, refuses(""))
		before := saga.Saga{ID: "order-1", Request: "a tea", Steps: steps("")}
		s, err := engine.Carry(t.Context(), before, nothing)
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
		synctest.Wait()
		end()

		engine, _ = run(t, db, refuses("/take")) // in the next release an order has one step more
		s, err = engine.Carry(t.Context(), saga.Saga{ID: "order-1", Request: "a tea", Steps: steps("", "")}, nothing)
		require.NoError(t, err, "the same order asked for again")
		require.Equal(t, saga.Done, s.State)
		_, err = engine.Carry(t.Context(), saga.Saga{ID: "order-1", Request: "two teas", Steps: before.Steps}, nothing)
		require.ErrorIs(t, err, httpapi.KeyReused, "another order under the same key")
	})
}

func TestWhoAsksAgainWhileADecidedSagaIsLookedUpHearsHowItEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := &gate{}
		db := openBehind(t, gate)
		engine, _ := run(t, db, refuses(""))
		wanted := saga.Saga{ID: "order-1", Steps: steps("")}
		s, err := engine.Carry(t.Context(), wanted, nothing)
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
		synctest.Wait()

		gate.shut = make(chan struct{})
		told := make(chan saga.Saga, 2)
		for range 2 {
			go func() {
				s, err := engine.Carry(t.Context(), wanted, nothing)
				require.NoError(t, err)
				told <- s
			}()
			synctest.Wait() // the first is at the log, the second has joined it
		}
		close(gate.shut)
		require.Equal(t, saga.Done, (<-told).State)
		require.Equal(t, saga.Done, (<-told).State)
	})
}

func TestWhoComesWhenTheOrchestratorHasEndedDoesNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		engine, end := run(t, open(t), refuses(""))
		synctest.Wait()
		end()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s, err := engine.Carry(ctx, saga.Saga{ID: "order-1", Steps: steps("")}, nothing)
		require.NoError(t, err)
		require.Equal(t, saga.Running, s.State, "it is recorded, and left to the next process")
		require.NoError(t, ctx.Err(), "nobody was left to wait for")
	})
}

func TestANoFromSomebodyElseDoesNotUndoWhatMayBeBooked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		booked := 0
		router := httpapi.NewRouter() // of a service that has no such path
		engine, _ := run(t, open(t), func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Idempotency-Key") != "order-1" {
				<-r.Context().Done()
				return
			}
			if booked++; booked == 1 {
				w.WriteHeader(http.StatusBadGateway) // it is booked, and a proxy loses the answer
				return
			}
			if booked == 2 {
				router.ServeHTTP(w, r)
				return
			}
			_ = httpapi.WriteJSON(w, http.StatusOK, saga.Body{Name: "tea", Amount: 1})
		})
		s, err := engine.Carry(t.Context(), saga.Saga{ID: "order-1", Steps: steps("")}, nothing)
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State, "a stranger's 404 was taken for a no, and what is booked was undone: %s", s.Why)
	})
}

// gate holds transactions back while it is shut.
type gate struct{ shut chan struct{} }

func (g *gate) Begin(context.Context, bool) error {
	if g.shut != nil {
		<-g.shut
	}
	return nil
}

func (g *gate) Commit(_ context.Context, _ bool, commit func() error) error { return commit() }
