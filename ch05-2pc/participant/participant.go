// Package participant is what stock, payment and delivery have in common: they
// keep accounts, and take part in transactions that take something out of them.
//
// The mechanism knows two rules. A "yes" is durable, and keeps the row locked
// until the decision is known, over any crash. And whoever has said yes does not
// decide: it waits for the coordinator, and asks it.
package participant

import (
	"context"
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
	Name   string `json:"name"` // of the account
	Amount int64  `json:"amount"`
}

// Account is a name, what is left, and the transaction that has it locked.
type Account struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"` // as it was last committed
	Lock   string `json:"lock,omitzero"`
}

// Branches keep a service's parts of transactions. Each method is safe to
// repeat, and its errors say an outcome, as httpapi.OutcomeOf reads it.
type Branches interface {
	// Prepare makes sure that the transaction can be committed and aborted.
	// Its errors are the refusals of Rules, Locked, and Unavailable for a
	// transaction that was aborted before.
	Prepare(ctx context.Context, id string, w Wanted) (twopc.Vote, error)
	// Commit carries a prepared transaction out and unlocks its row. NotFound
	// is returned when there is none.
	Commit(ctx context.Context, id string) error
	// Abort undoes a prepared transaction, and keeps one that is yet to come
	// from being prepared.
	Abort(ctx context.Context, id string) error
	// InDoubt lists the transactions that are prepared.
	InDoubt(ctx context.Context) ([]string, error)
	// Accounts lists what is left, sorted by name. It reads past the locks, and
	// shows what was last committed.
	Accounts(ctx context.Context) ([]Account, error)
	// Account waits for the lock of an account, as long as ReadPatience. Its
	// errors are NotFound and Locked.
	Account(ctx context.Context, name string) (Account, error)
}

// Service is a participant.
type Service struct {
	http.Handler
	branches Branches
	client   *http.Client
	rules    Rules
	prepared chan struct{} // holds one if something may have been, since Run looked
}

// New returns a participant. The client finds the coordinator under its name.
func New(branches Branches, client *http.Client, rules Rules) *Service {
	r := httpapi.NewRouter()
	s := &Service{r, branches, client, rules, make(chan struct{}, 1)}
	r.Post("/prepare", httpapi.Handle(s.prepare))
	r.Post("/commit", httpapi.Handle(settle(branches.Commit)))
	r.Post("/abort", httpapi.Handle(settle(branches.Abort)))
	r.Get(rules.List, httpapi.Handle(s.list))
	r.Get(rules.List+"/{name}", httpapi.Handle(s.read))
	return s
}

func (s *Service) prepare(w http.ResponseWriter, r *http.Request) error {
	id, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	wanted, err := httpapi.Decode[Wanted](w, r)
	if err != nil {
		return err
	}
	if wanted.Amount < 0 || wanted.Amount > s.rules.Max {
		return httpapi.Unprocessable.With("amount is %d, want 0 to %d", wanted.Amount, s.rules.Max)
	}
	// Once begun it is not left half done because nobody waits for the vote any
	// more; and whatever the vote is, the branch may be there to be asked about.
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

// settle carries out what the coordinator has decided.
func settle(do func(ctx context.Context, id string) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		if err := do(r.Context(), id); err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, struct{}{})
	}
}

// list reads past the locks: it shows what was last committed, at once. What a
// transaction has prepared is not there yet, even if it is decided already.
func (s *Service) list(w http.ResponseWriter, r *http.Request) error {
	accounts, err := s.branches.Accounts(r.Context())
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, accounts)
}

// prepareTimeout bounds a prepare. A coordinator has long lost its patience by then.
const prepareTimeout = 10 * time.Second

// ReadPatience is how long a reader waits for a lock.
const ReadPatience = 2 * time.Second

// read waits for the lock. Whoever has seen a transaction at one participant
// sees it, asking so, at all of them: where it is not committed yet, it is
// locked still.
func (s *Service) read(w http.ResponseWriter, r *http.Request) error {
	a, err := s.branches.Account(r.Context(), httpapi.Param(r, "name"))
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, a)
}
