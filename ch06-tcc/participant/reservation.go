package participant

import (
	"database/sql"
	"errors"

	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

const maxName = 64 // bytes

// Check refuses what no account can have.
func (w Wanted) Check() error {
	if w.Amount < 1 || len(w.Name) > maxName {
		return httpapi.Unprocessable.With(
			"amount is %d, want 1 or more; a name has at most %d bytes", w.Amount, maxName)
	}
	return nil
}

// try reserves. A refusal leaves nothing, not even a record of the barrier.
func (r Rules) try(tx *sqlite.Tx, id string, w Wanted) error {
	if err := w.Check(); err != nil {
		return err
	}
	isFirst, err := pass(tx, id, tcc.Try)
	if err != nil {
		return err
	}
	if !isFirst {
		return again(tx, id, w)
	}
	if err := r.reserve(tx, w); err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO reservations VALUES (?, ?, ?)", id, w.Name, w.Amount)
	return err
}

// again answers a try that has come before, or comes after its cancel.
func again(tx *sqlite.Tx, id string, w Wanted) error {
	if err := refuseAfter(tx, id, tcc.Cancel, httpapi.Cancelled); err != nil {
		return err
	}
	before, err := find(tx, id)
	if err == nil && before != w {
		err = httpapi.KeyReused.With("%s has reserved %d of %s", id, before.Amount, before.Name)
	}
	return err
}

// reserve moves an amount from available to reserved.
func (r Rules) reserve(tx *sqlite.Tx, w Wanted) error {
	var available int64
	err := tx.QueryRow("SELECT available FROM accounts WHERE name = ?", w.Name).Scan(&available)
	if err := r.Judge(w, available, err); err != nil {
		return err
	}
	return move(tx, w, -w.Amount, w.Amount)
}

// Judge refuses what the business does not allow. The error is that of reading how much
// is available.
func (r Rules) Judge(w Wanted, available int64, err error) error {
	switch {
	case w.Amount > r.Max:
		return httpapi.Unprocessable.With("%d of %s, at most %d", w.Amount, w.Name, r.Max)
	case errors.Is(err, sql.ErrNoRows):
		return r.Unknown.With("%q", w.Name)
	case err != nil:
		return err
	case available < w.Amount:
		return r.Short.With("%d of %s wanted, %d available", w.Amount, w.Name, available)
	}
	return nil
}

// confirm takes out what is reserved. What was never reserved cannot be confirmed: the
// initiator has to hear of it, since it has promised.
func confirm(tx *sqlite.Tx, id string, _ struct{}) error {
	if err := refuseAfter(tx, id, tcc.Cancel, httpapi.NotFound); err != nil {
		return err
	}
	w, err := find(tx, id)
	if err != nil {
		return err
	}
	isFirst, err := pass(tx, id, tcc.Confirm)
	if err != nil || !isFirst {
		return err
	}
	return move(tx, w, 0, -w.Amount)
}

// cancel gives back what is reserved. It cannot be refused, except after a confirm.
func cancel(tx *sqlite.Tx, id string, _ struct{}) error {
	if err := refuseAfter(tx, id, tcc.Confirm, httpapi.NotFound); err != nil {
		return err
	}
	isFirst, err := passCancel(tx, id)
	if err != nil || !isFirst {
		return err
	}
	w, err := find(tx, id)
	if err != nil {
		return err
	}
	return move(tx, w, w.Amount, -w.Amount)
}

// move changes what is available and what is reserved in an account.
func move(tx *sqlite.Tx, w Wanted, available, reserved int64) error {
	_, err := tx.Exec(`UPDATE accounts SET available = available + ?, reserved = reserved + ?
		WHERE name = ?`, available, reserved, w.Name)
	return err
}

func find(tx *sqlite.Tx, id string) (w Wanted, err error) {
	err = tx.QueryRow("SELECT name, amount FROM reservations WHERE id = ?", id).
		Scan(&w.Name, &w.Amount)
	if errors.Is(err, sql.ErrNoRows) {
		return w, httpapi.NotFound.With("%s has reserved nothing here", id)
	}
	return w, err
}
