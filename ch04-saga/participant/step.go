package participant

import (
	"database/sql"
	"errors"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// MaxName is the length of the longest name, in bytes.
const MaxName = 64

// Account is a name and an amount: what a step takes, or what is left.
type Account struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"` // units, cents or places
}

// Validate returns a refusal if no release has ever taken such an amount, or from
// such a name. What a release may change is judged after the look-up.
func (a Account) Validate() error {
	if a.Amount < 1 || len(a.Name) > MaxName {
		return httpapi.Unprocessable.With(
			"amount is %d, want 1 or more; a name has at most %d bytes", a.Amount, MaxName)
	}
	return nil
}

// Step is what became of one step of a saga.
type Step struct {
	Account
	State string       // one of those below; empty if there was no call
	Why   httpapi.Kind // reason for the refusal
	Again bool         // there was such a call before: nothing was done now
}

// The states of a step.
const (
	Done        = "done"
	Refused     = "refused"     // final: the same call never succeeds later
	Compensated = "compensated" // also if the compensation came first
)

// Refusal is the answer to a call of the step; nil if it is done.
func (s Step) Refusal() error {
	switch s.State {
	case Refused:
		return s.Why.With("%d of %s", s.Amount, s.Name)
	case Compensated:
		return httpapi.Compensated.With("%d of %s", s.Amount, s.Name)
	}
	return nil
}

// TakeOut carries out the step Take. A second call gets the first answer.
func (r Rules) TakeOut(tx *sqlite.Tx, saga string, wanted Account) (Step, error) {
	step, err := find(tx, saga, r.Take, wanted)
	if err != nil || step.Again {
		return step, err
	}
	step = Step{Account: wanted, State: Done}
	if step.Why, err = r.subtract(tx, wanted); err != nil {
		return step, err
	}
	if step.Why != "" {
		step.State = Refused
	}
	return step, remember(tx, saga, r.Take, step)
}

// GiveBack compensates the step Take; it cannot be refused. If the step has not come
// yet, it leaves a tombstone, and the step will be refused when it comes.
func (r Rules) GiveBack(tx *sqlite.Tx, saga string, wanted Account) (Step, error) {
	step, err := find(tx, saga, r.Take, wanted)
	if err != nil {
		return step, err
	}
	answer := Step{Account: wanted}
	switch step.State {
	case "":
		err = remember(tx, saga, r.Take, Step{Account: wanted, State: Compensated})
	case Done:
		err = giveBack(tx, saga, r.Take, step.Account)
	default:
		answer.Again = true
	}
	return answer, err
}

// Complete carries out the step Finish. What it needs, Take has taken.
func (r Rules) Complete(tx *sqlite.Tx, saga string, wanted Account) (Step, error) {
	step, err := find(tx, saga, r.Finish, wanted)
	if err != nil || step.Again {
		return step, err
	}
	taken, err := find(tx, saga, r.Take, wanted)
	if err == nil && taken.State != Done {
		err = httpapi.NotFound.With("%s of %s is not done", r.Take, saga)
	}
	if err != nil {
		return taken, err
	}
	step = Step{Account: wanted, State: Done}
	return step, remember(tx, saga, r.Finish, step)
}

// subtract takes from an account, or says why not.
func (r Rules) subtract(tx *sqlite.Tx, wanted Account) (httpapi.Kind, error) {
	if wanted.Amount > r.Max {
		return httpapi.Unprocessable, nil
	}
	done, err := tx.Exec("UPDATE accounts SET amount = amount - ? WHERE name = ? AND amount >= ?",
		wanted.Amount, wanted.Name, wanted.Amount)
	if err != nil {
		return "", err
	}
	if n, err := done.RowsAffected(); n == 1 || err != nil {
		return "", err
	}
	var known bool
	err = tx.QueryRow("SELECT count(*) FROM accounts WHERE name = ?", wanted.Name).Scan(&known)
	if known {
		return r.Short, err
	}
	return r.Unknown, err
}

func giveBack(tx *sqlite.Tx, saga, name string, taken Account) error {
	_, err := tx.Exec("UPDATE accounts SET amount = amount + ? WHERE name = ?",
		taken.Amount, taken.Name)
	if err == nil {
		_, err = tx.Exec("UPDATE steps SET state = 'compensated' WHERE saga = ? AND step = ?",
			saga, name)
	}
	return err
}

func remember(tx *sqlite.Tx, saga, name string, s Step) error {
	_, err := tx.Exec(`INSERT INTO steps (saga, step, name, amount, state, why)
		VALUES (?, ?, ?, ?, ?, ?)`, saga, name, s.Name, s.Amount, s.State, s.Why)
	return err
}

// find returns what became of a step before. The error is httpapi.KeyReused if that
// step took something else.
func find(tx *sqlite.Tx, saga, name string, wanted Account) (s Step, err error) {
	err = tx.QueryRow("SELECT name, amount, state, why FROM steps WHERE saga = ? AND step = ?",
		saga, name).Scan(&s.Name, &s.Amount, &s.State, &s.Why)
	if errors.Is(err, sql.ErrNoRows) {
		return Step{}, nil
	}
	s.Again = true
	if err == nil && s.Account != wanted {
		err = httpapi.KeyReused.With("%s has asked for %d of %s", saga, s.Amount, s.Name)
	}
	return s, err
}
