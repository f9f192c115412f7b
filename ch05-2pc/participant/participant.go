// Package participant is what stock, payment and delivery have in common: they
// keep accounts, and take part in transactions that take something out of them.
//
// A participant keeps two rules. Its yes is durable and keeps the row locked, over
// any crash, until the decision is known. And after its yes it does not decide: it
// is in doubt, asks the coordinator, and waits.
package participant

import (
	"context"
	"errors"
	"net/http"
	"time"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
)

// Rules are what a service's business adds.
type Rules struct {
	List    string       // the path of the accounts, e.g. "/items"
	Max     int64        // the most that one order may take
	Short   httpapi.Kind // the refusal when too little is left
	Unknown httpapi.Kind // the answer when there is no such account
}

// Wanted is what an order takes.
type Wanted struct {
	Order  string `json:"order"`
	Name   string `json:"name"` // name of the account
	Amount int64  `json:"amount"`
}

// Account is a name, what is left, and the transaction that has it locked.
type Account struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"` // amount as it was last committed
	Lock   string `json:"lock,omitzero"`
}

// Branches are a service's parts of transactions. Each method is safe to repeat,
// and its errors say an outcome, as httpapi.OutcomeOf reads it.
type Branches interface {
	// Prepare makes sure that the branch can be committed and aborted. A branch
	// that is known gets its first vote again. The errors are those of Rules;
	// Locked; Unavailable for a branch that was aborted before; and KeyReused for
	// an id that is known with another Wanted.
	Prepare(ctx context.Context, id string, w Wanted) (twopc.Vote, error)
	// Commit carries a prepared branch out and unlocks its row. The error is
	// NotFound if it is not prepared.
	Commit(ctx context.Context, id string) error
	// Abort undoes a prepared branch. A branch that is not prepared yet will not
	// be any more. The error is NotFound if it is committed.
	Abort(ctx context.Context, id string) error
	// InDoubt lists the transactions that are prepared.
	InDoubt(ctx context.Context) ([]string, error)
	// Accounts lists what was last committed, sorted by name. It reads past locks.
	Accounts(ctx context.Context) ([]Account, error)
	// Account returns an account at once. The errors are NotFound and Locked.
	Account(ctx context.Context, name string) (Account, error)
}

const (
	prepareTimeout = 10 * time.Second      // for a prepare; the coordinator has given up by then
	readPatience   = 2 * time.Second       // for a lock that a reader waits for
	readPause      = 10 * time.Millisecond // between two looks at the lock
)

// Service is a participant.
type Service struct {
	http.Handler
	branches Branches
	client   *http.Client
	rules    Rules
	prepared chan struct{} // holds one if a branch may have been since Run looked last
}

// New returns a participant. The client finds the coordinator under its name.
func New(branches Branches, client *http.Client, rules Rules) *Service {
	r := httpapi.NewRouter()
	s := &Service{r, branches, client, rules, make(chan struct{}, 1)}
	r.Post("/prepare", httpapi.Handle(s.prepare))
	r.Post("/commit", settle(branches.Commit, twopc.Committed))
	r.Post("/abort", settle(branches.Abort, twopc.Aborted))
	r.Get("/in-doubt", list(branches.InDoubt))
	r.Get(rules.List, list(branches.Accounts))
	r.Get(rules.List+"/{name}", httpapi.Answer(s.read))
	if b, ok := branches.(interface{ Ledger() http.HandlerFunc }); ok {
		r.Get("/ledger", b.Ledger())
	}
	return s
}

// message reads what the coordinator sends: a transaction, and a body.
func message[T any](w http.ResponseWriter, r *http.Request) (id string, body T, err error) {
	if id, err = httpapi.Key(r); err != nil {
		return id, body, err
	}
	if _, ok := twopc.ParseID(id); !ok {
		return id, body, httpapi.Malformed.With("%s is no transaction", id)
	}
	body, err = httpapi.Decode[T](w, r)
	return id, body, err
}

// prepare answers with the branch's vote. What is begun is not left half done when
// the caller hangs up. Whatever the vote is, the branch may have been prepared, and
// Run has to look.
func (s *Service) prepare(w http.ResponseWriter, r *http.Request) error {
	id, wanted, err := message[Wanted](w, r)
	if err != nil {
		return err
	}
	if wanted.Amount < 0 {
		return httpapi.Unprocessable.With("amount is %d", wanted.Amount)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), prepareTimeout)
	defer cancel()
	defer s.look()
	vote, err := s.branches.Prepare(ctx, id, wanted)
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, vote)
}

// look tells Run that something may have been prepared.
func (s *Service) look() {
	select {
	case s.prepared <- struct{}{}:
	default:
	}
}

// settle carries out a decision, and acknowledges it with the branch's state.
func settle(do func(context.Context, string) error, state twopc.State) http.HandlerFunc {
	return httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		id, _, err := message[struct{}](w, r)
		if err != nil {
			return err
		}
		if err := do(r.Context(), id); err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, twopc.Answer{State: state})
	})
}

// list answers at once. It reads past the locks: what a transaction has prepared is
// not in the accounts yet, even if the transaction is decided already.
func list[T any](read func(context.Context) ([]T, error)) http.HandlerFunc {
	return httpapi.Answer(func(r *http.Request) ([]T, error) {
		all, err := read(r.Context())
		return append([]T{}, all...), err // [] and not null
	})
}

// read waits for the lock. Once a client has seen a transaction at one participant,
// it sees it at any other that it reads so: where the transaction is not committed
// yet, the row is still locked. A reader that waits holds no connection, which the
// commit that it waits for may need.
func (s *Service) read(r *http.Request) (Account, error) {
	for end := time.Now().Add(readPatience); ; {
		a, err := s.branches.Account(r.Context(), httpapi.Param(r, "name"))
		if !errors.Is(err, httpapi.Locked) || time.Now().After(end) || r.Context().Err() != nil {
			return a, err
		}
		time.Sleep(readPause)
	}
}
