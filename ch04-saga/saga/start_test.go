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
	})
}
