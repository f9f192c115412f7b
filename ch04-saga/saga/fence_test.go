package saga_test

import (
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// peers answer calls and remember which came.
type peers struct {
	mu     sync.Mutex
	calls  []string
	answer func(r *http.Request) error
}

// to returns a way to the peers for the process of a name.
func (p *peers) to(process string) at {
	return at(httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		p.mu.Lock()
		p.calls = append(p.calls, process+r.URL.Path)
		answer := p.answer
		p.mu.Unlock()
		if err := answer(r.WithContext(r.Context())); err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, saga.Body{Name: "tea", Amount: 1})
	}))
}

// set changes the answer and returns the calls so far.
func (p *peers) set(answer func(r *http.Request) error) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
	calls := p.calls
	p.calls = nil
	return calls
}

func yes(*http.Request) error { return nil }

// silent lets the caller wait until it gives up.
func silent(r *http.Request) error {
	<-r.Context().Done()
	return r.Context().Err()
}

// empty is a log without sagas; path is its file.
func empty(t *testing.T, path string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Schema: saga.Schema})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// order is what most tests carry out: one step before the pivot.
func order() saga.Request {
	list := steps("http://stock/give-back", "")
	list[1].Forward = "http://delivery/book"
	return wants(list)
}

// execute has an order carried out by a process that a test does not wait for.
func execute(t *testing.T, o *saga.Orchestrator, id string) <-chan saga.Saga {
	t.Helper()
	told := make(chan saga.Saga, 1)
	go func() {
		s, err := o.Execute(t.Context(), id, order())
		require.NoError(t, err)
		told <- s
	}()
	return told
}

func TestASupersededProcessCompensatesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "order.db")
		p := &peers{answer: silent}
		old, _ := run(t, empty(t, path), p.to("old"))
		told := execute(t, old, "order-1")
		synctest.Wait() // it waits for stock
		next := &peers{answer: yes}
		heir, _ := run(t, empty(t, path), next.to("heir"))
		synctest.Wait()
		require.Equal(
			t,
			[]string{"heir/take", "heir/book"},
			next.set(yes),
			"the successor has finished the saga",
		)

		time.Sleep(time.Hour)
		require.Equal(
			t,
			[]string{"old/take", "old/take", "old/take", "old/take"},
			p.set(yes),
			"it gives up, and nothing more",
		)
		require.NotEqual(t, saga.Compensated, (<-told).State)
		s, _, err := heir.Progress(t.Context(), "order-1")
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
	})
}

// TestASupersededProcessEnds has a process notice, though nothing is asked of it, that
// another one has started on its log.
func TestASupersededProcessEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "order.db")
		p := &peers{answer: yes}
		old := saga.New(empty(t, path), &http.Client{Transport: p.to("old")}, saga.MaxPlaces)
		ended := make(chan error, 1)
		go func() { ended <- old.Run(t.Context()) }()
		synctest.Wait()
		run(t, empty(t, path), p.to("heir"))
		time.Sleep(time.Minute)
		require.Len(t, ended, 1, "it goes on")
		require.ErrorIs(t, <-ended, httpapi.Unavailable)
	})
}

func TestASupersededProcessTakesNoOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "order.db")
		p := &peers{answer: yes}
		old, _ := run(t, empty(t, path), p.to("old"))
		synctest.Wait()
		run(t, empty(t, path), p.to("heir"))
		synctest.Wait()
		_, err := old.Execute(t.Context(), "order-1", order())
		require.ErrorIs(t, err, httpapi.Unavailable)
		require.Equal(t, httpapi.NotDone, httpapi.OutcomeOf(err))
		_, err = old.Open(t.Context(), false)
		require.ErrorIs(t, err, httpapi.Unavailable, "its list may be an old one")
		time.Sleep(time.Hour)
		require.Empty(t, p.set(yes))
	})
}

func TestAnUpdateThatChangesNothingIsNoticed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := empty(t, filepath.Join(t.TempDir(), "order.db"))
		p := &peers{answer: silent}
		o, _ := run(t, db, p.to("order"))
		execute(t, o, "order-1")
		synctest.Wait()
		require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
			_, err := tx.Exec("DELETE FROM sagas")
			return err
		}))
		time.Sleep(time.Hour)
		require.Equal(
			t,
			[]string{"order/take", "order/take", "order/take", "order/take"},
			p.set(yes),
			"the decision to compensate is not on the disk, and was carried out",
		)
	})
}

// TestNoCallIsMadeAfterTheEnd ends a process between two tries of a call.
func TestNoCallIsMadeAfterTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &peers{answer: silent}
		o, end := run(t, empty(t, filepath.Join(t.TempDir(), "order.db")), p.to("order"))
		execute(t, o, "order-1")
		time.Sleep(1050 * time.Millisecond) // the first try has no answer
		require.Equal(t, []string{"order/take"}, p.set(yes))
		end()
		require.Empty(t, p.set(yes), "a call after the end")
	})
}
