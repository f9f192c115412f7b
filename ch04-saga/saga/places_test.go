package saga_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// away answers all calls but those to one path.
func away(path string) func(*http.Request) error {
	return func(r *http.Request) error {
		if r.URL.Path == path {
			return silent(r)
		}
		return nil
	}
}

const many = 300 // more sagas than there are places

// backlog is a log with so many open sagas.
const backlog = `
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
	INSERT INTO sagas (id, began, steps, state, parked) SELECT 'old-' || i, i,
		'[{"forward": "http://delivery/book", "body": {"name": "tea", "amount": 1}}]',
		'done', '%s' FROM n;
`

func TestABacklogKeepsNoNewSagaOut(t *testing.T) {
	t.Parallel()
	for name, log := range map[string]string{
		"one that waits":     fmt.Sprintf(backlog, ""),
		"one that is parked": fmt.Sprintf(backlog, httpapi.NotFound),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db, err := sqlite.Open(
					t.Context(),
					sqlite.Config{
						Path:   filepath.Join(t.TempDir(), "order.db"),
						Schema: saga.Schema + log,
					},
				)
				require.NoError(t, err)
				defer func() { require.NoError(t, db.Close()) }()
				p := &peers{answer: away("/book")}
				o, end := run(t, db, p.to("order"))
				defer end()
				synctest.Wait()
				for i := range 10 {
					s, err := o.Execute(t.Context(), fmt.Sprint("new-", i), wants(steps("")))
					for errors.Is(err, httpapi.Unavailable) {
						s, err = o.Execute(t.Context(), fmt.Sprint("new-", i), wants(steps("")))
					}
					require.NoError(t, err)
					require.Equal(t, saga.Done, s.State)
				}
			})
		})
	}
}

func TestSagasWithoutAnAnswerKeepNoPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := empty(t, filepath.Join(t.TempDir(), "order.db"))
		p := &peers{answer: away("/book")}
		o, end := run(t, db, p.to("order"))
		for i := range many {
			go func() { _, _ = o.Execute(t.Context(), fmt.Sprint("order-", i), order()) }()
		}
		time.Sleep(2500 * time.Millisecond) // each has tried twice
		s, err := o.Execute(t.Context(), "stock-only", wants(steps("")))
		require.NoError(t, err, "an order that needs only stock")
		require.Equal(t, saga.Done, s.State)
		end()
	})
}

func TestALookUpNeedsNoPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := empty(t, filepath.Join(t.TempDir(), "order.db"))
		p := &peers{answer: yes}
		o, end := run(t, db, p.to("order"))
		_, err := o.Execute(t.Context(), "order-1", order())
		require.NoError(t, err)
		p.set(silent)
		for i := range many {
			go func() { _, _ = o.Execute(t.Context(), fmt.Sprint("other-", i), order()) }()
		}
		synctest.Wait() // all places are taken
		_, err = o.Execute(t.Context(), "order-2", order())
		require.ErrorIs(t, err, httpapi.Unavailable)
		s, err := o.Execute(t.Context(), "order-1", order())
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
		end()
	})
}

// TestASagaWithoutAPlaceCostsNoTransactionAndNoCall checks that a saga that is turned
// away costs one read: no write, and no call.
func TestASagaWithoutAPlaceCostsNoTransactionAndNoCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		counted := &counter{}
		db, err := sqlite.Open(
			t.Context(),
			sqlite.Config{
				Path:   filepath.Join(t.TempDir(), "order.db"),
				Schema: saga.Schema,
				Gate:   counted,
			},
		)
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		p := &peers{answer: silent}
		o, end := run(t, db, p.to("order"))
		for i := range 256 {
			go func() { _, _ = o.Execute(t.Context(), fmt.Sprint("other-", i), order()) }()
		}
		synctest.Wait()
		before := counted.begun.Load()
		refused := make(chan error)
		go func() {
			_, err := o.Execute(t.Context(), "order-1", order())
			refused <- err
		}()
		require.ErrorIs(t, <-refused, httpapi.Unavailable)
		require.Equal(t, before, counted.begun.Load(), "write transactions")
		for _, call := range p.set(yes) {
			require.Equal(t, "order/take", call)
		}
		end()
	})
}

// TestWhoGetsAPlaceLateFindsTheRecord has two callers of one ID wait for the only place:
// when the second one gets it, the first one's saga has ended.
func TestWhoGetsAPlaceLateFindsTheRecord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hold, db := make(chan struct{}), empty(t, filepath.Join(t.TempDir(), "order.db"))
		p := &peers{answer: func(r *http.Request) error {
			if r.Header.Get("Idempotency-Key") == "other" {
				<-hold
			}
			return nil
		}}
		o := saga.New(db, &http.Client{Transport: p.to("order")}, 1)
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- o.Run(ctx) }()
		other := execute(t, o, "other")
		synctest.Wait()
		first, second := execute(t, o, "order-1"), execute(t, o, "order-1")
		synctest.Wait()
		close(hold)
		require.Equal(t, saga.Done, (<-other).State)
		require.Equal(t, saga.Done, (<-first).State)
		require.Equal(t, saga.Done, (<-second).State)
		synctest.Wait()
		require.Len(t, p.set(yes), 4, "two calls for each order")
		end()
		require.NoError(t, <-ended)
	})
}

func TestASagaCostsTwoTransactions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		counted := &counter{}
		p := &peers{answer: yes}
		o, _ := run(t, openBehind(t, counted), p.to("order"))
		synctest.Wait()
		before := counted.begun.Load()
		s, err := o.Execute(t.Context(), "order-1", order())
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
		time.Sleep(time.Minute)
		require.EqualValues(t, 2, counted.begun.Load()-before, "its record, and its end")
	})
}

func TestAPanicWhileASagaIsRecordedKeepsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &peers{answer: yes}
		o, _ := run(t, empty(t, filepath.Join(t.TempDir(), "order.db")), p.to("order"))
		broken := order()
		broken.Record = func(*sqlite.Tx) ([]saga.Step, error) { panic("a mistake") }
		require.Panics(t, func() { _, _ = o.Execute(t.Context(), "order-1", broken) })
		s, err := o.Execute(t.Context(), "order-1", order())
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
	})
}
