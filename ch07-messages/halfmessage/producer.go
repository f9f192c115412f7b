package halfmessage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Records makes the producer's table: how each local transaction ended, and why.
const Records = `
CREATE TABLE local_transactions (id TEXT PRIMARY KEY, body TEXT NOT NULL,
	state TEXT NOT NULL, why TEXT NOT NULL) STRICT;
`

// Producer runs local transactions, each with its message.
type Producer struct {
	db     *sqlite.DB
	client *http.Client

	mu      sync.Mutex
	running map[string]int // local transactions that this process may still commit
}

// NewProducer returns a producer with its Records in db. The client finds the broker
// under the name "broker".
func NewProducer(db *sqlite.DB, client *http.Client) *Producer {
	return &Producer{db: db, client: client, running: map[string]int{}}
}

// record is how a local transaction ended.
type record struct {
	state State
	why   httpapi.Kind // reason of a refusal
}

// Execute runs a local transaction and its message: both, or neither. It returns nil if
// the local transaction has committed, now or before, and its refusal if it was refused.
// httpapi.GivenUp means that the broker asked back before the transaction began. To call
// it again with the same ID is safe.
//
// A local transaction that refuses, with a final problem of httpapi, must do so before
// it changes anything: the refusal is recorded.
func (p *Producer) Execute(
	ctx context.Context, id string, m Message, local func(*sqlite.Tx) error,
) error {
	p.enter(id, 1)
	defer p.enter(id, -1)
	var r record
	err := p.db.View(ctx, func(tx *sqlite.Tx) (err error) {
		r, err = readRecord(tx, id, m.Body)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		if err = p.call(ctx, "half", id, m); err != nil {
			return notBegun(err)
		}
		if r, err = p.run(ctx, id, m.Body, local); err == nil {
			p.tell(ctx, id, r.state)
		}
	}
	if err == nil && r.state == RolledBack {
		err = r.why.With("%s", id)
	}
	return err
}

// run runs the local transaction and records how it ended, both in one transaction. The
// record of a check-back that came first stops it.
func (p *Producer) run(
	ctx context.Context, id, body string, local func(*sqlite.Tx) error,
) (r record, err error) {
	err = p.db.Update(ctx, func(tx *sqlite.Tx) error {
		if r, err = readRecord(tx, id, body); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		r = record{state: Committed}
		err := local(tx)
		problem, isProblem := errors.AsType[*httpapi.Problem](err)
		if isProblem && problem.Outcome() == httpapi.Refused {
			r, err = record{RolledBack, problem.Type}, nil
		}
		if err != nil {
			return err
		}
		const write = "INSERT INTO local_transactions VALUES (?, ?, ?, ?)"
		_, err = tx.Exec(write, id, body, r.state, r.why)
		return err
	})
	return r, err
}

// readRecord returns how a local transaction ended; sql.ErrNoRows, if there is no
// record. What a check-back has written has no body.
func readRecord(tx *sqlite.Tx, id, body string) (r record, err error) {
	var was string
	err = tx.QueryRow("SELECT body, state, why FROM local_transactions WHERE id = ?", id).
		Scan(&was, &r.state, &r.why)
	if err == nil && was != "" && was != body {
		return r, httpapi.KeyReused.With("%s is another message", id)
	}
	return r, err
}

// Check answers a check-back. While this process may still commit, the answer is
// "unknown". In every other case a missing record does not mean "rolled back": another
// process may be about to commit. So Check leaves a tombstone: it writes the record
// itself, and a local transaction that comes later finds it.
func (p *Producer) Check(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	state := Unknown
	if !p.isRunning(id) {
		state, err = p.tombstone(r.Context(), id)
	}
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, Answer{id, state})
}

// tombstone records that a local transaction is rolled back, if there is no record yet,
// and returns the record's state.
func (p *Producer) tombstone(ctx context.Context, id string) (state State, err error) {
	err = p.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`INSERT INTO local_transactions VALUES (?, '', ?, ?)
			ON CONFLICT DO NOTHING`, id, RolledBack, httpapi.GivenUp)
		if err != nil {
			return err
		}
		const read = "SELECT state FROM local_transactions WHERE id = ?"
		return tx.QueryRow(read, id).Scan(&state)
	})
	return state, err
}

// tell tells the broker how a local transaction ended. If the broker does not hear it,
// it will ask back.
func (p *Producer) tell(ctx context.Context, id string, state State) {
	path := map[State]string{Committed: "commit", RolledBack: "rollback"}[state]
	_ = p.call(ctx, path, id, struct{}{})
}

// call sends one message to the broker and waits for its answer.
func (p *Producer) call(ctx context.Context, path, id string, body any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	a, err := httpapi.Post[Answer](ctx, p.client, "http://broker/"+path, id, body)
	if err == nil && a.ID != id {
		err = fmt.Errorf("the broker answers for %q instead of %s", a.ID, id)
	}
	return err
}

// notBegun is what the caller is told when the half message was not acknowledged. The
// broker may have it, and will ask back; the local transaction has not begun.
func notBegun(err error) error {
	if httpapi.OutcomeOf(err) == httpapi.Refused {
		return err
	}
	return httpapi.Unavailable.With("the broker does not answer")
}

// enter counts the calls of Execute that are under way for an ID.
func (p *Producer) enter(id string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running[id] += n; p.running[id] == 0 {
		delete(p.running, id)
	}
}

func (p *Producer) isRunning(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running[id] > 0
}
