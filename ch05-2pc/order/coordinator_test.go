package order_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch05-2pc/order"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// told counts the messages that begin so.
func (p *participants) told(prefix string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, said := range p.said {
		if strings.HasPrefix(said, prefix) {
			n++
		}
	}
	return n
}

func TestBeforeItsStartACoordinatorDecidesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlite.Open(t.Context(), sqlite.Config{
			Path: filepath.Join(t.TempDir(), "order.db"), Schema: order.Schema,
		})
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		p := &participants{}
		s := order.New(db, twopc.New(db, &http.Client{Transport: p}, twopc.MaxPlaces))
		require.JSONEq(t, `{"state":"pending"}`, inquire(s, "order-1.1.1"))
		answer := place(s, "order-1", tea)
		require.Contains(t, answer.Body.String(), httpapi.Unavailable)
		require.Zero(t, p.told(""))
	})
}

func TestACoordinatorThatHasEndedTakesNoOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlite.Open(t.Context(), sqlite.Config{
			Path: filepath.Join(t.TempDir(), "order.db"), Schema: order.Schema,
		})
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		p := &participants{}
		s := order.New(db, twopc.New(db, &http.Client{Transport: p}, twopc.MaxPlaces))
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		synctest.Wait()
		end()
		require.NoError(t, <-ended)
		answer := place(s, "order-1", tea)
		require.Contains(t, answer.Body.String(), httpapi.Unavailable)
		require.Zero(t, p.told(""))
	})
}

// TestASupersededCoordinatorEnds has a process notice, though nothing is asked of it,
// that another one has started on its log.
func TestASupersededCoordinatorEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "order.db")
		db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Schema: order.Schema})
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		old := order.New(db, twopc.New(db, &http.Client{}, twopc.MaxPlaces))
		ended := make(chan error, 1)
		go func() { ended <- old.Run(t.Context()) }()
		synctest.Wait()
		open(t, path, &participants{})
		time.Sleep(time.Minute)
		require.Len(t, ended, 1, "it goes on")
		require.ErrorIs(t, <-ended, httpapi.Unavailable)
	})
}

func TestACoordinatorEndsWhenItsCallsHaveEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlite.Open(t.Context(), sqlite.Config{
			Path: filepath.Join(t.TempDir(), "order.db"), Schema: order.Schema,
		})
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		hold := make(chan struct{})
		stock := httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
			if r.URL.Path != "/prepare" {
				<-hold
			}
			return httpapi.WriteJSON(w, http.StatusOK, twopc.Vote{Vote: twopc.Yes})
		})
		p := &participants{
			come: make(chan struct{}, 100), real: map[string]http.Handler{"stock": stock},
		}
		s := order.New(db, twopc.New(db, &http.Client{Transport: p}, twopc.MaxPlaces))
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		require.Equal(t, 201, place(s, "order-1", tea).Code)
		synctest.Wait()
		end()
		synctest.Wait()
		require.Empty(t, ended, "a participant is being told")
		close(hold)
		require.NoError(t, <-ended)
	})
}

// TestAnAttemptThatIsNotReservedIsNotMade has the disk refuse the transaction that reserves
// more attempts. A later start would not know the ID as its predecessor's.
func TestAnAttemptThatIsNotReservedIsNotMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, g := &participants{}, &refusing{}
		s, _ := openBehind(t, filepath.Join(t.TempDir(), "order.db"), p, g)
		for i := range 100 {
			require.Equal(t, 201, place(s, fmt.Sprintf("order-%d", i+1), tea).Code)
		}
		g.next.Store(true)
		require.Equal(t, 201, place(s, "more", tea).Code)
		require.Zero(t, p.told("prepare more.1.101"))
		require.Equal(t, 3, p.told("prepare more.1.102"), "the next attempt is reserved")
	})
}

// refusing does not let the next transaction begin that is to be forced.
type refusing struct{ next atomic.Bool }

func (r *refusing) Begin(_ context.Context, forced bool) error {
	if forced && r.next.Swap(false) {
		return errors.New("locked")
	}
	return nil
}

func (r *refusing) Commit(_ context.Context, _ bool, commit func() error) error { return commit() }

// locked votes that it cannot say yet.
func locked() http.Handler {
	return httpapi.Handle(func(http.ResponseWriter, *http.Request) error {
		return httpapi.Locked.With("")
	})
}

func TestAnOrderThatMeetsALockIsTriedForFourSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &participants{real: map[string]http.Handler{"stock": locked()}}
		s, _ := open(t, filepath.Join(t.TempDir(), "order.db"), p)
		began, answer := time.Now(), make(chan string, 1)
		go func() { answer <- place(s, "order-1", tea).Body.String() }()
		time.Sleep(50 * time.Millisecond)
		require.JSONEq(t, `{"state":"aborted"}`, inquire(s, "order-1.1.1"),
			"the first attempt is over, the second has not begun")
		require.Contains(t, <-answer, httpapi.Unavailable)
		require.Less(t, time.Since(began), 4*time.Second)
		require.Equal(t, 15, p.told("prepare order-1.1."), "five attempts, three participants")
		require.Equal(t, 2, p.told("abort order-1.1.5"), "those that have voted yes")
		require.Zero(t, p.told("commit"))
	})
}

func TestAnAcknowledgementIsAskedForAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan struct{})
		p := &participants{real: map[string]http.Handler{
			"stock": away(gone), "payment": acknowledges(), "delivery": acknowledges(),
		}}
		s, _ := open(t, filepath.Join(t.TempDir(), "order.db"), p)
		synctest.Wait() // the first pass of recovery is over, the next one is at 5 s
		require.Equal(t, 201, place(s, "order-1", tea).Code)
		time.Sleep(4 * time.Second)
		require.Equal(t, 2+4, p.told("commit"), "four rounds; two have acknowledged at once")
		require.Contains(t, get(s, "/open").Body.String(), "order-1.1.1")
		time.Sleep(time.Minute)
		require.Greater(t, p.told("commit"), 2+8, "recovery has told it further")
		close(gone)
		time.Sleep(10 * time.Second)
		require.JSONEq(t, "[]", get(s, "/open").Body.String())
	})
}

// acknowledges votes yes, and carries out each decision.
func acknowledges() http.Handler {
	on := make(chan struct{})
	close(on)
	return away(on)
}

func TestWhatIsParkedIsTriedSeldomAndAtAStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "order.db")
		var commits atomic.Int64
		stock := httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
			if r.URL.Path == "/prepare" {
				return httpapi.WriteJSON(w, http.StatusOK, twopc.Vote{Vote: twopc.Yes})
			}
			commits.Add(1)
			return httpapi.NotFound.With("not prepared here")
		})
		p := &participants{real: map[string]http.Handler{
			"stock": stock, "payment": acknowledges(), "delivery": acknowledges(),
		}}
		s, end := open(t, path, p)
		synctest.Wait()
		require.Equal(t, 201, place(s, "order-1", tea).Code)
		time.Sleep(9 * time.Minute)
		require.EqualValues(t, 1, commits.Load(), "it is refused for good")
		time.Sleep(2 * time.Minute)
		require.EqualValues(t, 2, commits.Load(), "of 120 passes one tries it, too")
		require.NoError(t, end())
		s, _ = open(t, path, p)
		synctest.Wait()
		require.EqualValues(t, 3, commits.Load())
		require.Contains(t, get(s, "/parked").Body.String(), "order-1.1.1")
	})
}

func TestOpenDecisionsAreToldWithoutAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "order.db")
		write(t, path,
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
			INSERT INTO decisions (order_id, id, waiting) SELECT 'old-' || i,
				'old-' || i || '.1.' || i, 'delivery stock' FROM n`)
		began := time.Now()
		p := &participants{real: map[string]http.Handler{
			"stock": acknowledges(), "delivery": acknowledges(),
		}}
		s, _ := open(t, path, p)
		synctest.Wait()
		require.JSONEq(t, "[]", get(s, "/open").Body.String())
		require.Equal(t, 200, p.told("commit old-"))
		require.Zero(t, time.Since(began))
		p.mu.Lock()
		slices.Sort(p.said)
		require.Len(t, slices.Compact(p.said), 100, "each decision is told to both")
		p.mu.Unlock()
	})
}
