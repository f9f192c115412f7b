package shop

import (
	"cmp"
	"database/sql"
	"errors"

	"example.com/dtx/ch06-tcc/participant"
	"example.com/dtx/internal/sqlite"
)

// Schema makes a participant's database; a service adds its own accounts. The chapter
// keeps a barrier; here, a transaction has one row, and the row has a state. The audit
// reads what was really moved.
const Schema = `
CREATE TABLE accounts (name TEXT PRIMARY KEY, available INTEGER NOT NULL,
	reserved INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE reservations (id TEXT PRIMARY KEY, state TEXT NOT NULL,
	name TEXT NOT NULL, amount INTEGER NOT NULL) STRICT;
CREATE TABLE moves (id TEXT NOT NULL, name TEXT NOT NULL,
	available INTEGER NOT NULL, reserved INTEGER NOT NULL) STRICT;
`

// State is what a participant has written about a transaction.
type State string

// The states.
const (
	Nothing   State = ""
	Reserved  State = "reserved"
	Confirmed State = "confirmed"
	Cancelled State = "cancelled"
)

// Book is what a participant knows and has, in one transaction of its database that
// serves one message about one TCC transaction. If the database fails, or the student's
// function returns an error, nothing of it is done.
type Book struct {
	tx     *sqlite.Tx
	id     string
	wanted participant.Wanted // set for a try
	failed error
}

// State returns what was written about the transaction; Nothing if nothing was.
func (b *Book) State() (state State) {
	b.read("SELECT state FROM reservations WHERE id = ?", b.id, &state)
	return state
}

// Wanted returns what the try wanted, as it was written.
func (b *Book) Wanted() (w participant.Wanted) {
	b.read("SELECT name, amount FROM reservations WHERE id = ?", b.id, &w.Name, &w.Amount)
	return w
}

// Write writes the state of the transaction. In a try, it also writes what is wanted.
func (b *Book) Write(state State) {
	b.exec(`INSERT INTO reservations VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state`,
		b.id, state, b.wanted.Name, b.wanted.Amount)
}

// Available returns how much of an account is available.
func (b *Book) Available(account string) (amount int64) {
	b.read("SELECT available FROM accounts WHERE name = ?", account, &amount)
	return amount
}

// Move changes an account's two amounts: each by a number that may be negative.
func (b *Book) Move(account string, available, reserved int64) {
	if account == "" {
		b.failed = cmp.Or(b.failed, errors.New("move: nothing was reserved for "+b.id))
	}
	b.exec("UPDATE accounts SET available = available + ?, reserved = reserved + ? WHERE name = ?",
		available, reserved, account)
	b.exec("INSERT INTO moves VALUES (?, ?, ?, ?)", b.id, account, available, reserved)
}

// read reads a row, if there is one.
func (b *Book) read(query, key string, fields ...any) {
	err := b.tx.QueryRow(query, key).Scan(fields...)
	if !errors.Is(err, sql.ErrNoRows) {
		b.failed = cmp.Or(b.failed, err)
	}
}

func (b *Book) exec(statement string, args ...any) {
	_, err := b.tx.Exec(statement, args...)
	b.failed = cmp.Or(b.failed, err)
}
