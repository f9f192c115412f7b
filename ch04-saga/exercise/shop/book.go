package shop

import (
	"cmp"
	"database/sql"
	"errors"
	"net/http"

	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/internal/sqlite"
)

// Schema makes a participant's database. The audit reads what was really moved.
const Schema = participant.Schema + `
CREATE TABLE moves (saga TEXT NOT NULL, name TEXT NOT NULL, amount INTEGER NOT NULL) STRICT;
`

// Book is what a participant knows and has, in one transaction of its database that
// serves one call of a saga. If the database fails, nothing of it is done, and the
// caller has no answer.
type Book struct {
	tx         *sqlite.Tx
	saga, step string
	wanted     participant.Account
	failed     error
}

// State returns what was written of the saga's step; empty if nothing was.
func (b *Book) State() (state string) {
	err := b.tx.QueryRow("SELECT state FROM steps WHERE saga = ? AND step = ?",
		b.saga, b.step).Scan(&state)
	if !errors.Is(err, sql.ErrNoRows) {
		b.failed = cmp.Or(b.failed, err)
	}
	return state
}

// Write writes the state of the saga's step: participant.Done, participant.Refused or
// participant.Compensated.
func (b *Book) Write(state string) {
	b.exec(`INSERT INTO steps VALUES (?, ?, ?, ?, ?, '')
		ON CONFLICT (saga, step) DO UPDATE SET state = excluded.state`,
		b.saga, b.step, b.wanted.Name, b.wanted.Amount, state)
}

// Subtract takes an amount out of its account, if there is enough.
func (b *Book) Subtract(a participant.Account) (enough bool) {
	n := b.exec("UPDATE accounts SET amount = amount - ? WHERE name = ? AND amount >= ?",
		a.Amount, a.Name, a.Amount)
	if n > 0 {
		b.move(a.Name, a.Amount)
	}
	return n > 0
}

// Add puts an amount into its account.
func (b *Book) Add(a participant.Account) {
	b.exec("UPDATE accounts SET amount = amount + ? WHERE name = ?", a.Amount, a.Name)
	b.move(a.Name, -a.Amount)
}

func (b *Book) move(name string, amount int64) {
	b.exec("INSERT INTO moves VALUES (?, ?, ?)", b.saga, name, amount)
}

// exec returns how many rows a statement has changed.
func (b *Book) exec(statement string, args ...any) (rows int64) {
	done, err := b.tx.Exec(statement, args...)
	if err == nil {
		rows, err = done.RowsAffected()
	}
	b.failed = cmp.Or(b.failed, err)
	return rows
}

// Part is what a student plugs into a participant.
type Part struct {
	Take     func(b *Book, wanted participant.Account) (state string, err error)
	GiveBack func(b *Book, wanted participant.Account) error
}

// NewParticipant returns the chapter's participant with the student's functions in it.
// The step Finish is the chapter's own.
func NewParticipant(db *sqlite.DB, rules participant.Rules, part Part) http.Handler {
	calls := rules.Calls()
	calls[rules.Take] = call(rules, part.Take)
	if rules.Compensate != "" {
		calls[rules.Compensate] = call(rules, func(b *Book, w participant.Account) (string, error) {
			return participant.Done, part.GiveBack(b, w)
		})
	}
	return participant.New(db, rules.List, calls)
}

// call has a function of the student's carry out a call of a saga.
func call(
	rules participant.Rules, do func(*Book, participant.Account) (string, error),
) participant.Call {
	return func(tx *sqlite.Tx, saga string, w participant.Account) (participant.Step, error) {
		b := &Book{tx: tx, saga: saga, step: rules.Take, wanted: w}
		state, err := do(b, w)
		return participant.Step{Account: w, State: state, Why: rules.Short}, cmp.Or(b.failed, err)
	}
}
