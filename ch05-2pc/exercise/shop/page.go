package shop

import (
	"cmp"
	"database/sql"
	"errors"

	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database of a participant; a service adds its own accounts.
const Schema = `
CREATE TABLE accounts (name TEXT PRIMARY KEY, amount INTEGER NOT NULL) STRICT;
CREATE TABLE locks (name TEXT PRIMARY KEY REFERENCES accounts, id TEXT NOT NULL) STRICT;
CREATE TABLE records (id TEXT PRIMARY KEY, state TEXT NOT NULL, order_id TEXT NOT NULL, name TEXT NOT NULL, amount INTEGER NOT NULL) STRICT;
CREATE TABLE moves (order_id TEXT NOT NULL, name TEXT NOT NULL, amount INTEGER NOT NULL) STRICT;
`

// State is what a participant's record says of a transaction.
type State string

// The states of a transaction. It has none before the first message.
const (
	Prepared  State = "prepared" // promised, and in doubt
	Committed State = "committed"
	Aborted   State = "aborted"
)

// Record is what a participant has written down of a transaction.
type Record struct {
	State State
	Want  participant.Wanted // what was promised
}

// ErrNotPrepared is returned for a commit of what was never promised.
var ErrNotPrepared error = httpapi.NotFound

// Page is what a participant knows and has, in one transaction of its database
// that serves one message about one transaction of the shop. If the database
// fails, nothing of it is done, and the sender has no answer.
type Page struct {
	tx     *sqlite.Tx
	id     string
	failed error
}

// serve runs what the student does with a page, and returns the first error.
func serve(tx *sqlite.Tx, id string, do func(*Page) error) error {
	p := &Page{tx: tx, id: id}
	err := do(p)
	return cmp.Or(p.failed, err)
}

// Record returns what was written down of the transaction; its State is empty if
// nothing was.
func (p *Page) Record() (r Record) {
	p.read("SELECT state, order_id, name, amount FROM records WHERE id = ?", []any{p.id}, &r.State, &r.Want.Order, &r.Want.Name, &r.Want.Amount)
	return r
}

// Write writes a record down, over the one before it.
func (p *Page) Write(r Record) {
	p.exec("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)", p.id, r.State, r.Want.Order, r.Want.Name, r.Want.Amount)
}

// Left returns how much an account has.
func (p *Page) Left(account string) (amount int64) {
	p.read("SELECT amount FROM accounts WHERE name = ?", []any{account}, &amount)
	return amount
}

// Subtract takes an amount out of its account.
func (p *Page) Subtract(want participant.Wanted) {
	if want.Name == "" && p.failed == nil {
		p.failed = errors.New("subtract nothing: no record says what was promised")
	}
	p.exec("UPDATE accounts SET amount = amount - ? WHERE name = ?", want.Amount, want.Name)
	p.exec("INSERT INTO moves VALUES (?, ?, ?)", want.Order, want.Name, want.Amount) // for the audit
}

// Locked tells whether another transaction has the account locked.
func (p *Page) Locked(account string) (locked bool) {
	p.read("SELECT EXISTS (SELECT 1 FROM locks WHERE name = ? AND id <> ?)", []any{account, p.id}, &locked)
	return locked
}

// Lock locks an account for the transaction. The lock is a row: it outlives the
// process.
func (p *Page) Lock(account string) {
	p.exec("INSERT INTO locks VALUES (?, ?) ON CONFLICT DO NOTHING", account, p.id)
}

// Unlock takes the transaction's lock off, if it has one.
func (p *Page) Unlock() { p.exec("DELETE FROM locks WHERE id = ?", p.id) }

// read reads a row, if there is one.
func (p *Page) read(query string, args []any, fields ...any) {
	err := p.tx.QueryRow(query, args...).Scan(fields...)
	if p.failed == nil && !errors.Is(err, sql.ErrNoRows) {
		p.failed = err
	}
}

func (p *Page) exec(statement string, args ...any) {
	if _, err := p.tx.Exec(statement, args...); p.failed == nil {
		p.failed = err
	}
}
