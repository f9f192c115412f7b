package participant

import (
	"database/sql"
	"errors"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Account is a name and an amount: what a step takes, or what is left.
type Account struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"` // units, cents or places
}

// Step is what became of one step of a saga.
type Step struct {
	Account
	State string       // one of those below; empty if it never came
	Why   httpapi.Kind // it was refused
	Again bool         // the call has come before: nothing was done now
}

// The states of a step.
const (
	Done    = "done"
	Refused = "refused" // as final as done: the same call never succeeds later
	Undone  = "undone"  // also if the compensation came first
)

// Refusal is the answer to whoever asks for the step; nil if it is done.
func (s Step) Refusal() error {
	switch s.State {
	case Refused:
		return s.Why.With("%d of %s", s.Amount, s.Name)
	case Undone:
		return httpapi.Compensated.With("%d of %s", s.Amount, s.Name)
	}
	return nil
}

// Take carries out the step Do. Whoever asks again gets the first answer again.
func (r Rules) Take(tx *sqlite.Tx, saga string, wanted Account) (Step, error) {
	step, err := find(tx, saga, r.Do)
	if err != nil {
		return step, err
	}
	if step.Again {
		return step, step.check(saga, wanted)
	}
	step = Step{Account: wanted, State: Done}
	if step.Why, err = r.subtract(tx, wanted); err != nil {
		return step, err
	}
	if step.Why != "" {
		step.State = Refused
	}
	return step, remember(tx, saga, r.Do, step)
}

// GiveBack undoes the step Do; it cannot be refused. If the step has not come
// yet, it leaves a tombstone, and the step will find itself undone.
func (r Rules) GiveBack(tx *sqlite.Tx, saga string, wanted Account) (Step, error) {
	step, err := find(tx, saga, r.Do)
	if err != nil {
		return step, err
	}
	undone := Step{Account: wanted}
	switch step.State {
	case "":
		err = remember(tx, saga, r.Do, Step{Account: wanted, State: Undone})
	case Done:
		err = giveBack(tx, saga, r.Do, step.Account)
	default:
		undone.Again = true
	}
	return undone, err
}

// End carries out the step Finish, which nothing but a mistake of the caller can
// refuse: what it needs, Do has taken.
func (r Rules) End(tx *sqlite.Tx, saga string, wanted Account) (Step, error) {
	taken, err := find(tx, saga, r.Do)
	if err != nil {
		return taken, err
	}
	if taken.State != Done {
		return taken, httpapi.NotFound.With("%s of %s is not done", r.Do, saga)
	}
	step, err := find(tx, saga, r.Finish)
	if err != nil || step.Again {
		return step, err
	}
	step = Step{Account: taken.Account, State: Done}
	return step, remember(tx, saga, r.Finish, step)
}

// subtract takes from an account, or says why not.
func (r Rules) subtract(tx *sqlite.Tx, wanted Account) (httpapi.Kind, error) {
	done, err := tx.Exec("UPDATE accounts SET amount = amount - ? WHERE name = ? AND amount >= ?", wanted.Amount, wanted.Name, wanted.Amount)
	if err != nil {
		return "", err
	}
	if n, err := done.RowsAffected(); n == 1 || err != nil {
		return "", err
	}
	var known bool
	err = tx.QueryRow("SELECT EXISTS (SELECT 1 FROM accounts WHERE name = ?)", wanted.Name).Scan(&known)
	if known {
		return r.Short, err
	}
	return r.Unknown, err
}

func giveBack(tx *sqlite.Tx, saga, name string, taken Account) error {
	if _, err := tx.Exec("UPDATE accounts SET amount = amount + ? WHERE name = ?", taken.Amount, taken.Name); err != nil {
		return err
	}
	_, err := tx.Exec("UPDATE steps SET state = 'undone' WHERE saga = ? AND step = ?", saga, name)
	return err
}

func remember(tx *sqlite.Tx, saga, name string, s Step) error {
	_, err := tx.Exec("INSERT INTO steps (saga, step, name, amount, state, why) VALUES (?, ?, ?, ?, ?, ?)",
		saga, name, s.Name, s.Amount, s.State, s.Why)
	return err
}

// find returns what became of a step before.
func find(tx *sqlite.Tx, saga, name string) (s Step, err error) {
	err = tx.QueryRow("SELECT name, amount, state, why FROM steps WHERE saga = ? AND step = ?", saga, name).
		Scan(&s.Name, &s.Amount, &s.State, &s.Why)
	if errors.Is(err, sql.ErrNoRows) {
		return Step{}, nil
	}
	s.Again = true
	return s, err
}

// check refuses a call that is not the one that came first.
func (s Step) check(saga string, wanted Account) error {
	if s.Account != wanted {
		return httpapi.KeyReused.With("%s has asked for %d of %s", saga, s.Amount, s.Name)
	}
	return nil
}
