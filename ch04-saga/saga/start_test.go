package saga_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// failing lets so many transactions not begin.
type failing struct{ left atomic.Int64 }

func (f *failing) Begin(context.Context, bool) error {
	if f.left.Add(-1) >= 0 {
		return errors.New("locked")
	}
	return nil
}

func (f *failing) Commit(_ context.Context, _ bool, commit func() error) error { return commit() }

func TestAProcessThatCannotCountItsStartEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &failing{}
		f.left.Store(1)
		p := &peers{answer: yes}
		o := saga.New(openBehind(t, f), &http.Client{Transport: p.to("order")}, saga.MaxPlaces)
		require.ErrorContains(t, o.Run(t.Context()), "locked", "its restart has another try")
		_, err := o.Execute(t.Context(), "order-1", order())
		require.ErrorIs(t, err, httpapi.Unavailable)
		require.Empty(t, p.set(yes))
	})
}

func TestAnOrchestratorEndsWhenItsCallsHaveEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		p := &peers{answer: func(*http.Request) error { <-hold; return nil }}
		db := empty(t, filepath.Join(t.TempDir(), "order.db"))
		o := saga.New(db, &http.Client{Transport: p.to("order")}, saga.MaxPlaces)
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- o.Run(ctx) }()
		told := execute(t, o, "order-1")
		synctest.Wait()
		end()
		synctest.Wait()
		require.Empty(t, ended, "a call is still under way")
		close(hold)
		require.NoError(t, <-ended)
		<-told
	})
}

func TestAnIDIsRecordedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate, p := &gate{}, &peers{answer: yes}
		o, _ := run(t, openBehind(t, gate), p.to("order"))
		synctest.Wait()
		gate.shut = make(chan struct{})
		first := execute(t, o, "order-1")
		synctest.Wait() // it is about to be recorded
		_, err := o.Execute(t.Context(), "order-1", order())
		require.ErrorIs(t, err, httpapi.InFlight)
		close(gate.shut)
		require.Equal(t, saga.Done, (<-first).State)
	})
}

func TestAStepWithoutAnAnswerIsGivenUpAndCompensated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &peers{answer: away("/take")}
		o, _ := run(t, empty(t, filepath.Join(t.TempDir(), "order.db")), p.to("order"))
		s := <-execute(t, o, "order-1")
		require.Equal(t, saga.Compensated, s.State)
		require.Equal(t, httpapi.GivenUp, s.Why)
		require.Equal(t, []string{"order/take", "order/take", "order/take", "order/take",
			"order/give-back"}, p.set(yes))
	})
}

// TestRecoveryGivesNothingUp has an orchestrator die before it has an answer. Its
// successor cannot know whether the pivot was called.
func TestRecoveryGivesNothingUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := empty(t, filepath.Join(t.TempDir(), "order.db"))
		p := &peers{answer: away("/take")}
		o, end := run(t, db, p.to("order"))
		execute(t, o, "order-1")
		synctest.Wait()
		end()
		o, _ = run(t, db, p.to("heir"))
		time.Sleep(time.Minute)
		require.NotContains(t, p.set(yes), "heir/give-back")
		time.Sleep(10 * time.Second)
		require.Equal(t, saga.Done, (<-execute(t, o, "order-1")).State)
	})
}

// TestACustomerHearsAgainThatThePivotIsDone ends the orchestrator while the step after the
// pivot has no answer, and has none answer its successor.
func TestACustomerHearsAgainThatThePivotIsDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := empty(t, filepath.Join(t.TempDir(), "order.db"))
		p := &peers{answer: away("/capture")}
		o, end := run(t, db, p.to("order"))
		s, err := o.Execute(t.Context(), "order-1", last())
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
		time.Sleep(time.Minute) // a run has given up meanwhile
		end()
		p.set(silent)
		o, _ = run(t, db, p.to("heir"))
		synctest.Wait() // it has taken the saga up
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s, err = o.Execute(ctx, "order-1", last())
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
		require.NoError(t, ctx.Err(), "it did not wait")
	})
}

// filledWith is a log with more open sagas than are read at a time, and than there are
// places; the steps of all are this text.
func filledWith(t *testing.T, steps string) *sqlite.DB {
	t.Helper()
	db := empty(t, filepath.Join(t.TempDir(), "order.db"))
	require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
			WHERE i < 300) INSERT INTO sagas (id, began, steps) SELECT 'old-' || i, 1, ? FROM n`,
			steps)
		return err
	}))
	return db
}

func TestABacklogIsTakenUpWithoutAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began, p := time.Now(), &peers{answer: yes}
		const book = `[{"forward":"http://delivery/book","body":{"name":"tea","amount":1}}]`
		o, _ := run(t, filledWith(t, book), p.to("order"))
		synctest.Wait()
		require.Len(t, p.set(yes), 300)
		open, err := o.Open(t.Context(), false)
		require.NoError(t, err)
		require.Empty(t, open)
		require.Zero(t, time.Since(began), "recovery waits for its tick while sagas are open")
	})
}

func TestSagasThatCannotBeReadKeepNoPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &peers{answer: yes}
		o, _ := run(t, filledWith(t, "not JSON"), p.to("order"))
		synctest.Wait()
		require.Equal(t, saga.Done, (<-execute(t, o, "order-1")).State)
		open, err := o.Open(t.Context(), false)
		require.NoError(t, err)
		require.Len(t, open, 100, "they stay open: as many as fit on an operator's list")
	})
}

// TestRecoveryWaitsForAPlaceAsLongAsItTakes has room for one saga, and that one waits for an
// answer when recovery finds another.
func TestRecoveryWaitsForAPlaceAsLongAsItTakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, db := &peers{answer: away("/take")}, empty(t, filepath.Join(t.TempDir(), "order.db"))
		o := saga.New(db, &http.Client{Transport: p.to("order")}, 1)
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- o.Run(ctx) }()
		synctest.Wait() // the next pass of recovery is at 5 s
		require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
			_, err := tx.Exec(`INSERT INTO sagas (id, began, steps) VALUES ('old', 1,
				'[{"forward":"http://delivery/book","body":{"name":"tea","amount":1}}]')`)
			return err
		}))
		time.Sleep(4500 * time.Millisecond)
		told := execute(t, o, "order-1")
		time.Sleep(3 * time.Second) // the second try of order-1 was at 5.6 s, and has no answer
		require.Contains(t, p.set(yes), "order/book")
		<-told
		end()
		require.NoError(t, <-ended)
	})
}

func TestAPivotWithoutAnAnswerIsNotGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &peers{answer: silent}
		o, _ := run(t, empty(t, filepath.Join(t.TempDir(), "order.db")), p.to("order"))
		go func() { _, _ = o.Execute(t.Context(), "order-1", wants(steps("", ""))) }()
		time.Sleep(time.Minute)
		s, _, err := o.Progress(t.Context(), "order-1")
		require.NoError(t, err)
		require.Equal(t, saga.Running, s.State)
		p.set(yes)
		time.Sleep(10 * time.Second)
		s, step, err := o.Progress(t.Context(), "order-1")
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
		require.Empty(t, step)
	})
}

// TestACompensationThatIsRefusedIsParked is about a promise that is broken: a compensation
// cannot be refused.
func TestACompensationThatIsRefusedIsParked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &peers{answer: func(r *http.Request) error {
			switch r.URL.Path {
			case "/book":
				return httpapi.SlotFull.With("")
			case "/give-back":
				return httpapi.NotFound.With("")
			}
			return nil
		}}
		o, _ := run(t, empty(t, filepath.Join(t.TempDir(), "order.db")), p.to("order"))
		synctest.Wait() // the first look at what is open may else take the saga up once more
		go func() { _, _ = o.Execute(t.Context(), "order-1", order()) }()
		time.Sleep(time.Minute)
		parked, err := o.Open(t.Context(), true)
		require.NoError(t, err)
		require.Len(t, parked, 1)
		require.Equal(t, saga.Compensating, parked[0].State)
		require.Equal(t, httpapi.NotFound, parked[0].Parked)
		require.Len(t, p.set(yes), 3, "take, book, and the compensation once")
		require.NoError(t, o.Release(t.Context(), "order-1"))
		synctest.Wait()
		parked, err = o.Open(t.Context(), true)
		require.NoError(t, err)
		require.Empty(t, parked)
	})
}
