package saga_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// refuses answers every call with a yes, except those to one path.
func refuses(path string) at {
	return at(httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path == path {
			return httpapi.OutOfStock.With("")
		}
		return httpapi.WriteJSON(w, http.StatusOK, saga.Body{Name: "tea", Amount: 1})
	}))
}

// run starts an orchestrator; the function that it returns ends it.
func run(t *testing.T, db *sqlite.DB, answer at) (*saga.Orchestrator, func()) {
	t.Helper()
	return runWith(t, db, answer, saga.MaxPlaces)
}

// runWith is run with room for so many sagas at the same time.
func runWith(
	t *testing.T, db *sqlite.DB, answer at, room int,
) (*saga.Orchestrator, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	orchestrator := saga.New(db, &http.Client{Transport: answer}, room)
	go func() { ended <- orchestrator.Run(ctx) }()
	end := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; !errors.Is(err, httpapi.Unavailable) { // another process owns the log
			require.NoError(t, err)
		}
	})
	t.Cleanup(end)
	return orchestrator, end
}

func steps(undo ...string) (list []saga.Step) {
	for _, u := range undo {
		list = append(
			list,
			saga.Step{
				Forward:      "http://stock/take",
				Compensation: u,
				Body:         saga.Body{Name: "tea", Amount: 1},
			},
		)
	}
	return list
}

// wants is a request for some steps.
func wants(list []saga.Step) saga.Request {
	return saga.Request{
		Record: func(*sqlite.Tx) ([]saga.Step, error) { return list, nil },
		Check:  func(*sqlite.Tx) error { return nil },
	}
}

func TestASagaWhoseStepsCanAllBeUndoneMayBeRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		orchestrator, _ := run(t, open(t), refuses("/take"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		s, err := orchestrator.Execute(
			ctx,
			"order-1",
			wants(steps("http://stock/give-back", "http://stock/give-back")),
		)
		require.NoError(t, err)
		require.Equal(t, saga.Compensated, s.State)
		require.Equal(t, httpapi.OutOfStock, s.Why)
	})
}

func TestASagaWithoutAPivotIsDoneWithItsLastStep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		orchestrator, _ := run(t, open(t), refuses(""))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s, err := orchestrator.Execute(ctx, "order-1", wants(steps("http://stock/give-back")))
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
	})
}

func TestAKeyOutlivesARelease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := open(t)
		orchestrator, end := run(t, db, refuses(""))
		s, err := orchestrator.Execute(t.Context(), "order-1", wants(steps("")))
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
		synctest.Wait()
		end()

		orchestrator, _ = run(
			t,
			db,
			refuses("/take"),
		) // in the next release an order has one step more
		s, err = orchestrator.Execute(t.Context(), "order-1", wants(steps("", "")))
		require.NoError(t, err, "the same order asked for again")
		require.Equal(t, saga.Done, s.State)
	})
}

func TestWhoAsksAgainWhileADecidedSagaIsLookedUpHearsHowItEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := &gate{}
		db := openBehind(t, gate)
		orchestrator, _ := run(t, db, refuses(""))
		wanted := wants(steps(""))
		s, err := orchestrator.Execute(t.Context(), "order-1", wanted)
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
		synctest.Wait()

		gate.shut = make(chan struct{})
		told := make(chan saga.Saga, 2)
		for range 2 {
			go func() {
				s, err := orchestrator.Execute(t.Context(), "order-1", wanted)
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
		orchestrator, end := run(t, open(t), refuses(""))
		synctest.Wait()
		end()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s, err := orchestrator.Execute(ctx, "order-1", wants(steps("")))
		require.NoError(t, err)
		require.Equal(t, saga.Running, s.State, "it is recorded, and left to the next process")
		require.NoError(t, ctx.Err(), "no process was left to wait for")
	})
}

func TestANoFromSomebodyElseDoesNotUndoWhatMayBeBooked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		booked := 0
		router := httpapi.NewRouter() // of a service that has no such path
		orchestrator, _ := run(t, open(t), func(w http.ResponseWriter, r *http.Request) {
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
		s, err := orchestrator.Execute(t.Context(), "order-1", wants(steps("")))
		require.NoError(t, err)
		require.Equal(
			t,
			saga.Done,
			s.State,
			"a stranger's 404 was taken for a no, and what is booked was undone: %s",
			s.Why,
		)
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

// counter counts transactions.
type counter struct{ begun atomic.Int64 }

func (c *counter) Begin(context.Context, bool) error {
	c.begun.Add(1)
	return nil
}

func (c *counter) Commit(_ context.Context, _ bool, commit func() error) error { return commit() }

func (g *gate) Commit(_ context.Context, _ bool, commit func() error) error { return commit() }
