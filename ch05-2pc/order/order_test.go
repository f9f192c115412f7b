package order_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch05-2pc/delivery"
	"example.com/dtx/ch05-2pc/order"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

const tea = `{"customer":"ada","item":"tea","quantity":2,"slot":"mon-am"}`

// participants answer in place of the real ones: yes, and then nothing.
type participants struct {
	mu   sync.Mutex
	said []string                // what they were told: "prepare order-1.1.1"
	hold chan struct{}           // if it is not nil, votes wait for it
	come chan struct{}           // one for each message
	real map[string]http.Handler // those who answer themselves, by host
}

func (p *participants) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.said = append(p.said, strings.TrimPrefix(r.URL.Path, "/")+" "+r.Header.Get("Idempotency-Key"))
	p.mu.Unlock()
	p.come <- struct{}{}
	if real := p.real[r.URL.Hostname()]; real != nil {
		w := httptest.NewRecorder()
		real.ServeHTTP(w, r)
		return w.Result(), nil
	}
	if r.URL.Path != "/prepare" {
		return nil, errors.New("connection refused")
	}
	if p.hold != nil {
		select {
		case <-p.hold:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(`{"vote":"yes"}`)),
	}, nil
}

// await waits until the participants have had so many messages more.
func (p *participants) await(t *testing.T, messages int) {
	t.Helper()
	for range messages {
		select {
		case <-p.come:
		case <-time.After(10 * time.Second):
			require.FailNow(t, "the participants heard nothing")
		}
	}
}

// open starts the service on a database. The function that it returns ends it, and tells
// why it has ended by itself.
func open(t *testing.T, path string, p *participants) (http.Handler, func() error) {
	t.Helper()
	return openBehind(t, path, p, nil)
}

// openBehind starts the service with a gate around its transactions.
func openBehind(
	t *testing.T, path string, p *participants, gate sqlite.Gate,
) (http.Handler, func() error) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Schema: order.Schema, Gate: gate})
	require.NoError(t, err)
	p.come = make(chan struct{}, 1<<16)
	s := order.New(db, twopc.New(db, &http.Client{Transport: p}, twopc.MaxPlaces))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	end := sync.OnceValue(func() error {
		cancel()
		err := <-ended
		if err != nil {
			require.ErrorContains(t, err, "a later coordinator owns the log")
		}
		require.NoError(t, db.Close())
		return err
	})
	t.Cleanup(func() { _ = end() })
	return s, end
}

func place(s http.Handler, key, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/orders", bytes.NewBufferString(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestAKeyBelongsToOneOrder(t *testing.T) {
	s, _ := open(t, filepath.Join(t.TempDir(), "order.db"), &participants{})
	first := place(s, "order-1", tea)
	require.Equal(t, 201, first.Code)
	again := place(s, "order-1", tea)
	require.Equal(t, first.Body.String(), again.Body.String(),
		"the same order again has the same answer")
	other := place(s, "order-1", strings.Replace(tea, "2", "3", 1))
	require.Equal(t, 422, other.Code)
	require.Contains(t, other.Body.String(), string(httpapi.KeyReused))
	require.Equal(t, 400, place(s, strings.Repeat("k", 41), tea).Code,
		"its transaction's id would be too long for a key")
}

func TestTheSameOrderIsInHandOnce(t *testing.T) {
	p := &participants{hold: make(chan struct{})}
	s, _ := open(t, filepath.Join(t.TempDir(), "order.db"), p)
	first := make(chan int)
	go func() { first <- place(s, "order-1", tea).Code }()
	p.await(t, 1)
	second := place(s, "order-1", tea)
	require.Equal(t, 409, second.Code)
	require.Contains(t, second.Body.String(), string(httpapi.InFlight))
	close(p.hold)
	require.Equal(t, 201, <-first)
}

func TestAnInquiryIsAnsweredPendingWhileVotesAreOut(t *testing.T) {
	p := &participants{hold: make(chan struct{})}
	s, _ := open(t, filepath.Join(t.TempDir(), "order.db"), p)
	first := make(chan int)
	go func() { first <- place(s, "order-1", tea).Code }()
	p.await(t, 1)
	require.JSONEq(t, `{"state":"pending"}`, inquire(s, "order-1.1.1"))
	close(p.hold)
	require.Equal(t, 201, <-first)
	require.JSONEq(t, `{"state":"committed"}`, inquire(s, "order-1.1.1"))
}

func inquire(s http.Handler, id string) string { return get(s, "/transactions/"+id).Body.String() }

func get(s http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// TestAnIDThatIsNotRecognisedIsNotAborted: else a committed transaction is torn.
func TestAnIDThatIsNotRecognisedIsNotAborted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "order.db")
	s, end := open(t, path, &participants{})
	require.Equal(t, 201, place(s, "a~b", tea).Code)
	end()
	s, _ = open(t, path, &participants{})
	require.Equal(t, 201, place(s, "order-1", tea).Code)
	for id, want := range map[string]int{
		"a~b.1.1": 200, "a%7Eb.1.1": 200,
		"a~b.2.1": 200, // drawn, though for another order
		"a~b.3.1": 404, "a~b.2.2": 404, "a~b.0.1": 404, "a~b.1.0": 404, "a~b.1.01": 404,
		"a~b": 404, "nonsense": 404, ".1.1": 404,
	} {
		answer := get(s, "/transactions/"+id)
		require.Equal(t, want, answer.Code, "GET /transactions/%s: %s", id, answer.Body)
	}
	require.JSONEq(t, `{"state":"committed"}`, inquire(s, "a%7Eb.1.1"))
}

// TestAnOlderCopyOfTheLogIsNotAskedForWhatCameAfterIt has a coordinator make 300
// attempts after its file was copied. The copy has none of their decisions.
func TestAnOlderCopyOfTheLogIsNotAskedForWhatCameAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		on, all := make(chan struct{}), map[string]http.Handler{}
		close(on)
		for _, host := range []string{"stock", "payment", "delivery"} {
			all[host] = away(on)
		}
		path := filepath.Join(t.TempDir(), "order.db")
		copied := filepath.Join(t.TempDir(), "order.db")
		s, _ := open(t, path, &participants{real: all})
		require.Equal(t, 201, place(s, "order-1", tea).Code)
		synctest.Wait()
		for _, suffix := range []string{"", "-wal"} {
			file, err := os.ReadFile(path + suffix)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(copied+suffix, file, 0o600))
		}
		for i := range 300 {
			require.Equal(t, 201, place(s, fmt.Sprintf("later-%d", i+2), tea).Code)
		}
		require.JSONEq(t, `{"state":"committed"}`, inquire(s, "later-300.1.300"))
		s, _ = open(t, copied, &participants{real: all})
		synctest.Wait()
		require.JSONEq(t, `{"state":"committed"}`, inquire(s, "order-1.1.1"))
		answer := get(s, "/transactions/later-300.1.300")
		require.Equal(t, 404, answer.Code, "%s", answer.Body)
	})
}

// TestALaterStartAnswersForEachAttemptOfAnEarlierOne has one attempt too many for those
// that a start writes down at first.
func TestALaterStartAnswersForEachAttemptOfAnEarlierOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path, p := filepath.Join(t.TempDir(), "order.db"), &participants{}
		no := httpapi.Handle(func(http.ResponseWriter, *http.Request) error {
			return httpapi.OutOfStock.With("")
		})
		p.real = map[string]http.Handler{"stock": no}
		s, end := open(t, path, p)
		for i := range 101 {
			require.Equal(t, 409, place(s, fmt.Sprintf("order-%d", i+1), tea).Code)
		}
		end()
		s, _ = open(t, path, p)
		synctest.Wait()
		require.JSONEq(t, `{"state":"aborted"}`, inquire(s, "order-101.1.101"))
		require.JSONEq(t, `{"state":"aborted"}`, inquire(s, "order-1.1.1"))
	})
}

// begun counts the transactions that may write.
type begun struct{ atomic.Int64 }

func (b *begun) Begin(context.Context, bool) error {
	b.Add(1)
	return nil
}

func (b *begun) Commit(_ context.Context, _ bool, commit func() error) error { return commit() }

func TestAnOrderThatIsTurnedAwayCostsNoTransactionAndNoMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const twice = 2 * 24 // those that get the places soon, and those that wait for them
		p, b := &participants{hold: make(chan struct{})}, &begun{}
		s, _ := openBehind(t, filepath.Join(t.TempDir(), "order.db"), p, b)
		for i := range twice {
			go place(s, fmt.Sprintf("order-%d", i), tea)
		}
		synctest.Wait()
		began, before, told := time.Now(), b.Load(), make(chan int)
		go func() { told <- place(s, "one-more", tea).Code }()
		time.Sleep(500 * time.Millisecond)
		require.Equal(t, before, b.Load())
		require.Empty(t, told, "it waits for a place")
		require.Equal(t, 503, <-told)
		require.Equal(t, 4*time.Second, time.Since(began))
		p.mu.Lock()
		require.NotContains(t, strings.Join(p.said, "\n"), "one-more")
		p.mu.Unlock()
	})
}

func TestANewProcessTellsWhatTheOldOneDecidedAndDrawsNewIDs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "order.db")
	s, end := open(t, path, &participants{})
	require.Equal(t, 201, place(s, "order-1", tea).Code)
	end()
	p := &participants{}
	s, _ = open(t, path, p)
	p.await(t, 3)
	p.mu.Lock()
	require.Equal(t, []string{"commit order-1.1.1", "commit order-1.1.1", "commit order-1.1.1"},
		p.said[:3])
	p.mu.Unlock()
	require.Equal(t, 201, place(s, "order-2", tea).Code)
	require.JSONEq(t, `{"state":"committed"}`, inquire(s, "order-2.2.1"))
}

// TestACoordinatorDecidesNothingOnceAnotherHasStarted is about a process that was
// taken for dead, and is not: the next one has started on its database, and has
// answered for it.
func TestACoordinatorDecidesNothingOnceAnotherHasStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "order.db")
		p := &participants{hold: make(chan struct{})}
		old, end := open(t, path, p)
		first := make(chan int)
		go func() { first <- place(old, "order-1", tea).Code }()
		p.await(t, 3)
		next, _ := open(t, path, &participants{})
		synctest.Wait()
		require.JSONEq(t, `{"state":"aborted"}`, inquire(next, "order-1.1.1"))
		close(p.hold)
		require.Equal(t, 503, <-first)
		require.JSONEq(t, `{"state":"aborted"}`, inquire(next, "order-1.1.1"),
			"what was said before")
		synctest.Wait()
		require.ErrorContains(t, end(), "a later coordinator owns the log", "why the old one ends")
	})
}

// TestACoordinatorAnswersNoInquiryOnceAnotherHasStarted has both open the database. The
// old one does not know the attempts of the next one, and must not call them aborted.
func TestACoordinatorAnswersNoInquiryOnceAnotherHasStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "order.db")
		old, _ := open(t, path, &participants{})
		require.Equal(t, 201, place(old, "order-0", tea).Code)
		p := &participants{hold: make(chan struct{})}
		next, _ := open(t, path, p)
		told := make(chan int, 1)
		go func() { told <- place(next, "order-1", tea).Code }()
		p.await(t, 3)
		answer := get(old, "/transactions/order-1.2.1")
		require.GreaterOrEqual(t, answer.Code, 400, "the old one answers for the new one: %s",
			answer.Body)
		require.Equal(t, 503, get(old, "/transactions/order-0.1.1").Code,
			"it answers for nothing any more")
		close(p.hold)
		require.Equal(t, 201, <-told)
	})
}

// away acknowledges no decision, and votes.
func away(on chan struct{}) http.Handler {
	return httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		select {
		case <-on:
		default:
			if r.URL.Path != "/prepare" {
				return httpapi.Internal.With("")
			}
		}
		if r.URL.Path == "/prepare" {
			return httpapi.WriteJSON(w, http.StatusOK, twopc.Vote{Vote: twopc.Yes})
		}
		return httpapi.WriteJSON(w, http.StatusOK, twopc.Answer{State: twopc.Committed})
	})
}

func TestOpenDecisionsKeepNewOrdersFromNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "order.db")
		write(t, path,
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 257)
			INSERT INTO decisions (order_id, id, waiting) SELECT 'old-' || i,
				'old-' || i || '.1.' || i, 'delivery' FROM n`)
		back := make(chan struct{})
		p := &participants{real: map[string]http.Handler{"delivery": away(back)}}
		s, _ := open(t, path, p)
		synctest.Wait()
		require.Equal(t, 201, place(s, "order-1", tea).Code,
			"delivery votes, and owes 257 acknowledgements")
		require.JSONEq(t, `{"state":"committed"}`, inquire(s, "order-1.1.1"))
		close(back)
		time.Sleep(time.Minute)
		require.NotContains(t, get(s, "/open").Body.String(), "old-")
	})
}

// TestAPromiseThatIsBrokenIsParkedUntilItIsReleased has an operator abort stock's branch
// by hand, and repair it later.
func TestAPromiseThatIsBrokenIsParkedUntilItIsReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var repaired atomic.Bool
		var commits atomic.Int64
		stock := httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
			switch {
			case r.URL.Path == "/prepare":
				return httpapi.WriteJSON(w, http.StatusOK, twopc.Vote{Vote: twopc.Yes})
			case !repaired.Load():
				commits.Add(1)
				time.Sleep(500 * time.Millisecond)
				return httpapi.NotFound.With("not prepared here")
			}
			return httpapi.WriteJSON(w, http.StatusOK, twopc.Answer{State: twopc.Committed})
		})
		on := make(chan struct{})
		close(on)
		p := &participants{real: map[string]http.Handler{"stock": stock, "payment": away(on),
			"delivery": away(on)}}
		s, _ := open(t, filepath.Join(t.TempDir(), "order.db"), p)
		synctest.Wait() // the first pass of recovery also tells what is parked
		require.Equal(t, 201, place(s, "order-1", tea).Code)
		time.Sleep(time.Minute)
		require.EqualValues(t, 1, commits.Load(), "what is refused for good is told seldom")
		require.Contains(t, get(s, "/parked").Body.String(),
			`"id":"order-1.1.1","waiting":"stock"`)
		require.Contains(t, get(s, "/parked").Body.String(), "not prepared here")
		require.Equal(t, 404, post(s, "/parked/order-1.1.2/release").Code)
		time.Sleep(9*time.Minute + 100*time.Millisecond)
		repaired.Store(true)
		require.EqualValues(t, 2, commits.Load(), "it is being told")
		require.Equal(t, 409, post(s, "/parked/order-1.1.1/release").Code)
		time.Sleep(time.Second)
		require.Equal(t, 200, post(s, "/parked/order-1.1.1/release").Code)
		synctest.Wait()
		require.JSONEq(t, "[]", get(s, "/open").Body.String())
	})
}

func post(s http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, nil))
	return w
}

// failing lets no transaction begin that is not forced, so many times.
type failing struct{ left atomic.Int64 }

func (f *failing) Begin(_ context.Context, forced bool) error {
	if !forced && f.left.Add(-1) >= 0 {
		return errors.New("locked")
	}
	return nil
}

func (f *failing) Commit(_ context.Context, _ bool, commit func() error) error { return commit() }

func TestTheEndOfADecisionIsNotedThoughTheFirstNoteFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &failing{}
		f.left.Store(1)
		back := make(chan struct{})
		close(back)
		p := &participants{real: map[string]http.Handler{"stock": away(back), "payment": away(back),
			"delivery": away(back)}}
		s, _ := openBehind(t, filepath.Join(t.TempDir(), "order.db"), p, f)
		require.Equal(t, 201, place(s, "order-1", tea).Code)
		time.Sleep(time.Minute)
		require.NotContains(t, get(s, "/orders/order-1").Body.String(), "waiting")
	})
}

func TestAPriceThatCannotBePaidIsNotFree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "order.db")
	write(t, path, "UPDATE prices SET cents = 1 << 62 WHERE item = 'tea'")
	s, _ := open(t, path, &participants{})
	answer := place(s, "order-1", strings.Replace(tea, "2", "4", 1))
	require.Equal(t, 422, answer.Code, "%s", answer.Body)
}

// TestAnAnswerOutlivesALimit has the next release bound an order more narrowly.
func TestAnAnswerOutlivesALimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "order.db")
	write(t, path,
		"INSERT INTO orders VALUES ('order-1', 'ada', 'tea', 500, 'mon-am', 250000, '', '')")
	s, _ := open(t, path, &participants{})
	require.Equal(t, 201, place(s, "order-1", strings.Replace(tea, "2", "500", 1)).Code)
}

// write changes the service's database before it starts.
func write(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Schema: order.Schema})
	require.NoError(t, err)
	require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec(statement)
		return err
	}))
	require.NoError(t, db.Close())
}

func TestAStartReadsOnlyWhatIsUnfinished(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "order.db"),
		Schema: order.Schema})
	require.NoError(t, err)
	defer db.Close()
	var plan string
	const query = "EXPLAIN QUERY PLAN SELECT id, waiting FROM decisions INDEXED BY open " +
		"WHERE waiting <> '' ORDER BY order_id"
	require.NoError(t, db.View(t.Context(), func(tx *sqlite.Tx) error {
		var id, parent, unused int
		return tx.QueryRow(query).Scan(&id, &parent, &unused, &plan)
	}))
	require.Contains(t, plan, "USING INDEX open")
}

// TestANameThatWouldNotFitIntoAnAnswerIsNoOrder is about a refusal, which tells the
// name, and is longer than the request to prepare. If it were longer than an answer
// may be, the order would never be refused, only tried again.
func TestANameThatWouldNotFitIntoAnAnswerIsNoOrder(t *testing.T) {
	slots, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(),
		"delivery.db"), Schema: delivery.Schema})
	require.NoError(t, err)
	defer slots.Close()
	p := &participants{real: map[string]http.Handler{"delivery": delivery.New(slots, nil)}}
	s, _ := open(t, filepath.Join(t.TempDir(), "order.db"), p)
	for _, length := range []int{httpapi.MaxBody - len(tea), 64} {
		answer := place(s, "order-1", strings.Replace(tea, "mon-am", strings.Repeat("x", length),
			1))
		require.Equal(t, 422, answer.Code, "a slot of %d bytes: %.100s", length, answer.Body)
	}
}

// TestAParticipantThatDidNotKnowADecisionIsToldAgain is about a no to a commit: a
// promise broken, or another process that answers for a while under the participant's
// name. An operator may repair either.
func TestAParticipantThatDidNotKnowADecisionIsToldAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var commits atomic.Int64 // all three are told at once
		stock := httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
			if r.URL.Path == "/prepare" {
				return httpapi.WriteJSON(w, http.StatusOK, twopc.Vote{Vote: twopc.Yes})
			}
			if commits.Add(1) == 1 {
				return httpapi.NotFound.With("")
			}
			return httpapi.WriteJSON(w, http.StatusOK, twopc.Answer{State: twopc.Committed})
		})
		p := &participants{real: map[string]http.Handler{"stock": stock, "payment": stock,
			"delivery": stock}}
		s, _ := open(t, filepath.Join(t.TempDir(), "order.db"), p)
		require.Equal(t, 201, place(s, "order-1", tea).Code)
		time.Sleep(time.Hour)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/orders/order-1", nil))
		require.NotContains(t, w.Body.String(), "waiting")
	})
}
