package participant

import (
	"database/sql"

	"example.com/dtx/ch07-messages/messages"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Take takes the order's part out of the account, and says that it is done; or says that
// it is refused, and why. A refusal by the business is an event like any other.
func (r Rules) Take(done, refused string) messages.Reaction {
	return func(tx *sqlite.Tx, saga string, c *messages.Content) ([]string, error) {
		wanted := r.Part(*c)
		if wanted.Amount < 1 {
			return nil, httpapi.Unprocessable.With("%d of %q", wanted.Amount, wanted.Name)
		}
		why, err := r.subtract(tx, wanted)
		if err != nil {
			return nil, err
		}
		if why != "" {
			c.Why = why
			return []string{refused}, nil
		}
		_, err = tx.Exec("INSERT INTO effects VALUES (?, ?, ?, 'taken')",
			saga, wanted.Name, wanted.Amount)
		return []string{done}, err
	}
}

// subtract takes from an account, or says why not.
func (r Rules) subtract(tx *sqlite.Tx, wanted Account) (httpapi.Kind, error) {
	if wanted.Amount > r.Max {
		return httpapi.Unprocessable, nil
	}
	done, err := tx.Exec("UPDATE accounts SET amount = amount - ? WHERE name = ? AND amount >= ?",
		wanted.Amount, wanted.Name, wanted.Amount)
	if n, err := affected(done, err); n == 1 || err != nil {
		return "", err
	}
	var isKnown bool
	err = tx.QueryRow("SELECT count(*) FROM accounts WHERE name = ?", wanted.Name).Scan(&isKnown)
	if isKnown {
		return r.Short, err
	}
	return r.Unknown, err
}

// GiveBack compensates Take, and passes the refusal on. What was never taken cannot be
// given back: an operator has to look at such an event.
func (r Rules) GiveBack(next ...string) messages.Reaction {
	return func(tx *sqlite.Tx, saga string, c *messages.Content) ([]string, error) {
		part := r.Part(*c)
		if err := settle(tx, saga, "given back"); err != nil {
			return nil, err
		}
		_, err := tx.Exec("UPDATE accounts SET amount = amount + ? WHERE name = ?",
			part.Amount, part.Name)
		return next, err
	}
}

// Finish makes final what Take has taken.
func (r Rules) Finish(tx *sqlite.Tx, saga string, _ *messages.Content) ([]string, error) {
	return nil, settle(tx, saga, "finished")
}

// settle notes what became of what was taken.
func settle(tx *sqlite.Tx, saga, state string) error {
	done, err := tx.Exec("UPDATE effects SET state = ? WHERE saga = ? AND state = 'taken'",
		state, saga)
	n, err := affected(done, err)
	if err == nil && n == 0 {
		err = httpapi.NotFound.With("%s has taken nothing here", saga)
	}
	return err
}

func affected(done sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}
