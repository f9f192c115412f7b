package shop

import (
	"cmp"
	"database/sql"
	"errors"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/sqlite"
)

// Schema makes a participant's database; a service adds its own accounts. Several
// branches may hold a part of one account. The audit reads what was really moved.
const Schema = `
CREATE TABLE accounts (name TEXT PRIMARY KEY, amount INTEGER NOT NULL) STRICT;
CREATE TABLE branches (id TEXT PRIMARY KEY, order_id TEXT NOT NULL, name TEXT NOT NULL,
	amount INTEGER NOT NULL, state TEXT NOT NULL) STRICT;
CREATE INDEX locks ON branches (name) WHERE state = 'prepared';
CREATE TABLE moves (order_id TEXT NOT NULL, name TEXT NOT NULL, amount INTEGER NOT NULL) STRICT;
`

// Prepared is the state of a branch that has voted yes and is in doubt. The others are
// twopc.Committed and twopc.Aborted.
const Prepared twopc.State = "prepared"

// Book is what a participant knows and has, in one transaction of its database that
// serves one message about one branch. If the database fails, nothing of it is done, and
// the sender has no answer.
type Book struct {
	tx     *sqlite.Tx
	id     string
	wanted participant.Wanted // set for a prepare
	failed error
}

// State returns what was written of the branch; empty if nothing was.
func (b *Book) State() (state twopc.State) {
	b.read("SELECT state FROM branches WHERE id = ?", []any{b.id}, &state)
	return state
}

// Wanted returns what the branch takes, as it was written when it was prepared.
func (b *Book) Wanted() (w participant.Wanted) {
	b.read("SELECT order_id, name, amount FROM branches WHERE id = ?", []any{b.id},
		&w.Order, &w.Name, &w.Amount)
	return w
}

// Write writes the state of the branch: Prepared, twopc.Committed or twopc.Aborted.
func (b *Book) Write(state twopc.State) {
	b.exec(`INSERT INTO branches VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state`,
		b.id, b.wanted.Order, b.wanted.Name, b.wanted.Amount, state)
}

// Left returns how much an account has.
func (b *Book) Left(account string) (amount int64) {
	b.read("SELECT amount FROM accounts WHERE name = ?", []any{account}, &amount)
	return amount
}

// Held returns how much of an account the branches that are prepared hold.
func (b *Book) Held(account string) (amount int64) {
	b.read("SELECT coalesce(sum(amount), 0) FROM branches WHERE name = ? AND state = ?",
		[]any{account, Prepared}, &amount)
	return amount
}

// Subtract takes an amount out of its account.
func (b *Book) Subtract(w participant.Wanted) {
	if w.Name == "" {
		b.failed = cmp.Or(b.failed, errors.New("subtract nothing: the branch was never prepared"))
	}
	b.exec("UPDATE accounts SET amount = amount - ? WHERE name = ?", w.Amount, w.Name)
	b.exec("INSERT INTO moves VALUES (?, ?, ?)", w.Order, w.Name, w.Amount)
}

// read reads a row, if there is one.
func (b *Book) read(query string, args []any, fields ...any) {
	err := b.tx.QueryRow(query, args...).Scan(fields...)
	if !errors.Is(err, sql.ErrNoRows) {
		b.failed = cmp.Or(b.failed, err)
	}
}

func (b *Book) exec(statement string, args ...any) {
	_, err := b.tx.Exec(statement, args...)
	b.failed = cmp.Or(b.failed, err)
}
