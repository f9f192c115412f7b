package tcc_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// answer is how a participant answers. Without an error it acknowledges.
type answer = func(*http.Request) error

func yes(*http.Request) error { return nil }

// silent lets the caller wait until it gives up.
func silent(r *http.Request) error {
	<-r.Context().Done()
	return r.Context().Err()
}

func refusal(kind httpapi.Kind) answer {
	return func(*http.Request) error { return kind.With("") }
}

// at answers as given where the message is the one, e.g. "stock/try", and else yes.
func at(message string, answer answer) answer {
	return func(r *http.Request) error {
		if r.URL.Host+r.URL.Path != message {
			return nil
		}
		return answer(r)
	}
}

// errStranger stands for the yes of another service.
var errStranger = errors.New("another service answers")

// noAnswer are answers that say nothing of whether the message was carried out.
func noAnswer() map[string]answer {
	return map[string]answer{
		"a timeout": silent, "a 500": func(*http.Request) error { return errors.New("broken") },
		"a 503": refusal(httpapi.Unavailable), "a stranger's no": refusal(httpapi.NoRoute),
		"an early refusal": refusal(httpapi.Malformed),
		"a stranger's yes": func(*http.Request) error { return errStranger },
	}
}

// network carries the messages of one process to its participants.
type network struct {
	mu     sync.Mutex
	sent   []string // e.g. "order-1 stock/try"
	answer answer
}

// RoundTrip notes a message, and has it answered.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	n.sent = append(n.sent, r.Header.Get("Idempotency-Key")+" "+r.URL.Host+r.URL.Path)
	answer := n.answer
	n.mu.Unlock()
	w := httptest.NewRecorder()
	httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		done := tcc.Operation(r.URL.Path[1:])
		err := answer(r)
		if errors.Is(err, errStranger) {
			done, err = "other", nil
		}
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, tcc.Answer{Done: done})
	})(w, r)
	return w.Result(), nil
}

// set changes the answer, and returns what was sent since the last call, sorted.
func (n *network) set(answer answer) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	sent := slices.Sorted(slices.Values(n.sent))
	n.sent, n.answer = nil, answer
	return sent
}

// toAll lists a message of order-1 to each participant, sorted, so many times.
func toAll(op tcc.Operation, times int) (list []string) {
	for _, host := range []string{"delivery", "payment", "stock"} {
		list = append(list, slices.Repeat([]string{"order-1 " + host + "/" + string(op)}, times)...)
	}
	return list
}

// only returns those of the messages that ask for an operation.
func only(op tcc.Operation, sent []string) []string {
	return slices.DeleteFunc(sent, func(m string) bool { return !strings.HasSuffix(m, string(op)) })
}

// logAt opens the log in a file.
func logAt(t *testing.T, path, schema string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Schema: schema})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// start starts an initiator on a log, and ends it with the test.
func start(t *testing.T, db *sqlite.DB, n *network) *tcc.Initiator {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	initiator := tcc.New(db, &http.Client{Transport: n}, tcc.MaxPlaces)
	go func() { ended <- initiator.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, httpapi.Unavailable) { // another process owns the log
			require.NoError(t, err)
		}
	})
	return initiator
}

// startNew starts an initiator on an empty log.
func startNew(t *testing.T, answer answer) (*tcc.Initiator, *network) {
	t.Helper()
	n := &network{answer: answer}
	return start(t, logAt(t, filepath.Join(t.TempDir(), "order.db"), tcc.Schema), n), n
}

// order is what most tests carry out.
func order() tcc.Request {
	return tcc.Request{
		Record: func(*sqlite.Tx) ([]tcc.Branch, error) {
			return []tcc.Branch{
				{Participant: "stock"}, {Participant: "payment"}, {Participant: "delivery"},
			}, nil
		},
		Check: all,
	}
}

func all(*sqlite.Tx) error { return nil }

// execute has order-1 carried out, and does not wait for it.
func execute(t *testing.T, i *tcc.Initiator) <-chan tcc.Transaction {
	t.Helper()
	told := make(chan tcc.Transaction, 1)
	go func() {
		decided, err := i.Execute(t.Context(), "order-1", order())
		require.NoError(t, err)
		told <- decided
	}()
	return told
}
