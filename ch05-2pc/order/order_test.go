package order_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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

// open starts the service on a database; the function that it returns ends it.
func open(t *testing.T, path string, p *participants) (http.Handler, func()) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Schema: order.Schema})
	require.NoError(t, err)
	p.come = make(chan struct{}, 1<<16)
	s := order.New(db, &http.Client{Transport: p})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	end := sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
		require.NoError(t, db.Close())
	})
	t.Cleanup(end)
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
	require.Equal(t, first.Body.String(), again.Body.String(), "the same order again has the same answer")
	other := place(s, "order-1", strings.Replace(tea, "2", "3", 1))
	require.Equal(t, 422, other.Code)
	require.Contains(t, other.Body.String(), string(httpapi.KeyReused))
	require.Equal(t, 400, place(s, strings.Repeat("k", 41), tea).Code, "its transaction's id would be too long for a key")
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
	require.JSONEq(t, `{"state":"aborted"}`, inquire(s, "order-1.0.9"), "of an earlier start, and unknown")
	close(p.hold)
	require.Equal(t, 201, <-first)
	require.JSONEq(t, `{"state":"committed"}`, inquire(s, "order-1.1.1"))
}

func inquire(s http.Handler, id string) string {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/transactions/"+id, nil))
	return w.Body.String()
}

func TestOrdersUnderWayAreBoundedAndTheRestIsRefusedBeforeAnythingIsDone(t *testing.T) {
	p := &participants{} // they say yes, and never hear of a decision: each order stays under way
	s, _ := open(t, filepath.Join(t.TempDir(), "order.db"), p)
	const bound = 256
	for i := range bound {
		require.Equal(t, 201, place(s, fmt.Sprintf("order-%d", i), tea).Code)
	}
	require.Equal(t, 503, place(s, "one-more", tea).Code)
	require.Equal(t, 201, place(s, "order-7", tea).Code, "what is decided is answered all the same")
	p.mu.Lock()
	defer p.mu.Unlock()
	require.NotContains(t, strings.Join(p.said, "\n"), "one-more")
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
	require.Equal(t, []string{"commit order-1.1.1", "commit order-1.1.1", "commit order-1.1.1"}, p.said[:3])
	p.mu.Unlock()
	require.Equal(t, 201, place(s, "order-2", tea).Code)
	require.JSONEq(t, `{"state":"committed"}`, inquire(s, "order-2.2.1"))
}

// A process that was taken for dead, and is not: the next one has started on its
// database, and has answered for it.
func TestACoordinatorDecidesNothingOnceAnotherHasStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "order.db")
		p := &participants{hold: make(chan struct{})}
		old, _ := open(t, path, p)
		first := make(chan int)
		go func() { first <- place(old, "order-1", tea).Code }()
		p.await(t, 3)
		next, _ := open(t, path, &participants{})
		synctest.Wait()
		require.JSONEq(t, `{"state":"aborted"}`, inquire(next, "order-1.1.1"))
		close(p.hold)
		require.Equal(t, 503, <-first)
		require.JSONEq(t, `{"state":"aborted"}`, inquire(next, "order-1.1.1"), "what was said before")
	})
}

func TestAStartReadsOnlyWhatIsUnfinished(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "order.db"), Schema: order.Schema})
	require.NoError(t, err)
	defer db.Close()
	var plan string
	require.NoError(t, db.View(t.Context(), func(tx *sqlite.Tx) error {
		var id, parent, unused int
		return tx.QueryRow("EXPLAIN QUERY PLAN SELECT id, waiting FROM decisions WHERE waiting <> '' ORDER BY order_id").Scan(&id, &parent, &unused, &plan)
	}))
	require.Contains(t, plan, "USING INDEX unfinished")
}

// A refusal tells the name, and is longer than the request to prepare. Were it
// longer than an answer may be, the order would never be refused, only tried again.
func TestANameThatWouldNotFitIntoAnAnswerIsNoOrder(t *testing.T) {
	slots, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "delivery.db"), Schema: delivery.Schema})
	require.NoError(t, err)
	defer slots.Close()
	p := &participants{real: map[string]http.Handler{"delivery": delivery.New(slots, nil)}}
	s, _ := open(t, filepath.Join(t.TempDir(), "order.db"), p)
	for _, length := range []int{httpapi.MaxBody - len(tea), 64} {
		answer := place(s, "order-1", strings.Replace(tea, "mon-am", strings.Repeat("x", length), 1))
		require.Equal(t, 422, answer.Code, "a slot of %d bytes: %.100s", length, answer.Body)
	}
}

// A no to a commit is a promise broken, or somebody else who answers for a while
// under the participant's name. People may mend either.
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
			return httpapi.WriteJSON(w, http.StatusOK, struct{}{})
		})
		p := &participants{real: map[string]http.Handler{"stock": stock, "payment": stock, "delivery": stock}}
		s, _ := open(t, filepath.Join(t.TempDir(), "order.db"), p)
		require.Equal(t, 201, place(s, "order-1", tea).Code)
		time.Sleep(time.Hour)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/orders/order-1", nil))
		require.NotContains(t, w.Body.String(), "waiting")
	})
}
