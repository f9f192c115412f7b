package participant_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
)

// saying is a coordinator that answers every inquiry with this state.
type saying twopc.State

func (s saying) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r}
	answer.Header.Set("Content-Type", "application/json")
	answer.Body = io.NopCloser(strings.NewReader(`{"state":"` + string(s) + `"}`))
	return answer, nil
}

// cutOff prepares what its caller does not wait for: the connection breaks when
// the server has done it, as that of a database server may.
type cutOff struct {
	participant.Rows
	hangUp context.CancelFunc
}

func (c cutOff) Prepare(
	ctx context.Context, id string, w participant.Wanted,
) (vote twopc.Vote, err error) {
	c.hangUp()
	if ctx.Err() != nil {
		return vote, ctx.Err()
	}
	_, err = c.Rows.Prepare(ctx, id, w)
	return vote, errors.Join(err, errors.New("connection lost"))
}

func run(t *testing.T, s *participant.Service) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })
	synctest.Wait()
}

func TestABranchWhoseVoteGotLostIsAskedAbout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := open(t)
		caller, hangUp := context.WithCancel(t.Context())
		s := participant.New(cutOff{rows, hangUp}, &http.Client{Transport: saying(twopc.Aborted)},
			stock.Rules())
		run(t, s)
		r := httptest.NewRequestWithContext(caller, http.MethodPost, "/prepare",
			strings.NewReader(`{"order":"order-1","name":"tea","amount":2}`))
		r.Header.Set("Idempotency-Key", "order-1.1.1")
		r.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, r)
		require.Equal(t, http.StatusInternalServerError, answer.Code,
			"the participant cannot say what became of it")
		require.Equal(t, "order-1.1.1", tea(t, rows).Lock,
			"the caller hung up, and yet it was prepared")
		time.Sleep(5 * time.Second)
		require.Empty(t, tea(t, rows).Lock,
			"no process asked the coordinator: the row stays locked for ever")
	})
}

// TestABranchThatNobodyKnowsOfIsFoundInTheEnd is about a process that dies while its
// database server is still at work.
func TestABranchThatNobodyKnowsOfIsFoundInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := open(t)
		run(t, participant.New(rows, &http.Client{Transport: saying(twopc.Aborted)}, stock.Rules()))
		prepare(t, rows, "order-1.1.1", some("tea", 2))
		time.Sleep(time.Minute)
		require.Empty(t, tea(t, rows).Lock)
	})
}

// stuck cannot end the first of its transactions: an operator has changed the row
// by hand, or another session holds it.
type stuck struct {
	participant.Branches
	ended chan string
}

func (s stuck) InDoubt(context.Context) ([]string, error) {
	if len(s.ended) > 0 {
		return []string{"order-1.1.1"}, nil
	}
	return []string{"order-1.1.1", "order-2.1.2"}, nil
}

func (s stuck) Abort(_ context.Context, id string) error {
	if id == "order-1.1.1" {
		return httpapi.Unavailable.With("%s is held", id)
	}
	select {
	case s.ended <- id:
	default:
	}
	return nil
}

func TestABranchThatCannotBeEndedDoesNotKeepTheOthersInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stuck{ended: make(chan string, 1)}
		run(t, participant.New(s, &http.Client{Transport: saying(twopc.Aborted)}, stock.Rules()))
		time.Sleep(time.Minute)
		require.Len(t, s.ended, 1)
	})
}

// counted counts the inquiries, and answers each alike.
type counted struct {
	asked *atomic.Int64
	state twopc.State
}

func (c counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.asked.Add(1)
	return saying(c.state).RoundTrip(r)
}

func TestABranchThatCannotBeEndedIsAskedAboutLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := new(atomic.Int64)
		run(t, participant.New(stuck{ended: make(chan string, 1)},
			&http.Client{Transport: counted{asked, "aborted"}}, stock.Rules()))
		time.Sleep(10 * time.Minute)
		require.Less(t, asked.Load(), int64(100), "without back-off 1200")
	})
}

func TestABranchThatIsPendingIsAskedAboutLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, rows := new(atomic.Int64), open(t)
		prepare(t, rows, "order-1.1.1", some("tea", 2))
		run(t, participant.New(rows,
			&http.Client{Transport: counted{asked, "pending"}}, stock.Rules()))
		time.Sleep(10 * time.Minute)
		require.Less(t, asked.Load(), int64(100), "without back-off 1200")
	})
}

// back is a coordinator that is away for a minute, and aborts all after that.
type back struct{ since time.Time }

func (b back) RoundTrip(r *http.Request) (*http.Response, error) {
	if time.Since(b.since) < time.Minute {
		return nil, errors.New("connection refused")
	}
	return saying(twopc.Aborted).RoundTrip(r)
}

func TestAfterAnOutageABranchIsAskedAboutAsSoonAsBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := open(t)
		s := participant.New(rows, &http.Client{Transport: back{time.Now()}}, stock.Rules())
		prepare(t, rows, "order-1.1.1", some("tea", 2))
		run(t, s)
		for tea(t, rows).Lock != "" {
			time.Sleep(10 * time.Millisecond)
		}
		const body = `{"order":"order-2","name":"tea","amount":2}`
		require.Equal(t, 200, ask(s, "POST", "/prepare", "order-2.1.2", body).Code)
		time.Sleep(2 * time.Second)
		require.Empty(t, tea(t, rows).Lock, "it waits as long as in the outage")
	})
}
