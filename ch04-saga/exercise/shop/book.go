package shop

import (
	"database/sql"
	"errors"

	"example.com/dtx/internal/sqlite"
)

// Schema makes the database of a participant; a service adds its own accounts.
const Schema = `
CREATE TABLE accounts (name TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0)) STRICT;
CREATE TABLE moves (saga TEXT NOT NULL, name TEXT NOT NULL, amount INTEGER NOT NULL) STRICT;
CREATE TABLE book (saga TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
CREATE TABLE finished (saga TEXT PRIMARY KEY REFERENCES book) STRICT;
`

// Amount is what a saga takes from an account: units, cents or places.
type Amount struct {
	Name   string `json:"name"`
	Amount int64  `json:"amount"`
}

// State is what became of a saga's step at one participant.
type State string

// The states of a step. It has none before the first call.
const (
	Done    State = "done"
	Refused State = "refused" // too little was left
	Undone  State = "undone"  // also if the compensation came first
)

// Book is what a participant knows and has, in one transaction that serves one
// call of one saga.
type Book struct {
	tx   *sqlite.Tx
	saga string
}

// State returns what was written of the saga's step; empty if nothing was.
func (b *Book) State() (s State, err error) {
	err = b.tx.QueryRow("SELECT state FROM book WHERE saga = ?", b.saga).Scan(&s)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return s, err
}

// Write writes what became of the saga's step, over what was written before.
func (b *Book) Write(s State) error {
	_, err := b.tx.Exec("INSERT INTO book (saga, state) VALUES (?, ?) ON CONFLICT (saga) DO UPDATE SET state = excluded.state", b.saga, s)
	return err
}

// Subtract takes an amount out of its account, if there is enough.
func (b *Book) Subtract(a Amount) (enough bool, err error) {
	done, err := b.tx.Exec("UPDATE accounts SET amount = amount - ? WHERE name = ? AND amount >= ?", a.Amount, a.Name, a.Amount)
	if err != nil {
		return false, err
	}
	if n, err := done.RowsAffected(); n == 0 || err != nil {
		return false, err
	}
	return true, b.move(a.Name, a.Amount)
}

// Add puts an amount into its account.
func (b *Book) Add(a Amount) error {
	if _, err := b.tx.Exec("UPDATE accounts SET amount = amount + ? WHERE name = ?", a.Amount, a.Name); err != nil {
		return err
	}
	return b.move(a.Name, -a.Amount)
}

// move keeps for the audit what was really taken and given.
func (b *Book) move(name string, amount int64) error {
	_, err := b.tx.Exec("INSERT INTO moves (saga, name, amount) VALUES (?, ?, ?)", b.saga, name, amount)
	return err
}

// finish notes that what was taken is used for good.
func (b *Book) finish() error {
	_, err := b.tx.Exec("INSERT INTO finished (saga) VALUES (?) ON CONFLICT DO NOTHING", b.saga)
	return err
}
