package shop

import (
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
// that serves one message about one transaction of the shop.
type Page struct {
	tx *sqlite.Tx
	id string
}

// Record returns what was written down of the transaction; its State is empty if
// nothing was.
func (p *Page) Record() (r Record, err error) {
	err = p.tx.QueryRow("SELECT state, order_id, name, amount FROM records WHERE id = ?", p.id).
		Scan(&r.State, &r.Want.Order, &r.Want.Name, &r.Want.Amount)
	if errors.Is(err, sql.ErrNoRows) {
		return Record{}, nil
	}
	return r, err
}

// Write writes a record down, over the one before it.
func (p *Page) Write(r Record) error {
	_, err := p.tx.Exec(`INSERT INTO records VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, order_id = excluded.order_id, name = excluded.name, amount = excluded.amount`,
		p.id, r.State, r.Want.Order, r.Want.Name, r.Want.Amount)
	return err
}

// Left returns how much an account has.
func (p *Page) Left(account string) (amount int64, err error) {
	err = p.tx.QueryRow("SELECT amount FROM accounts WHERE name = ?", account).Scan(&amount)
	return amount, err
}

// Subtract takes an amount out of its account.
func (p *Page) Subtract(want participant.Wanted) error {
	if _, err := p.tx.Exec("UPDATE accounts SET amount = amount - ? WHERE name = ?", want.Amount, want.Name); err != nil {
		return err
	}
	_, err := p.tx.Exec("INSERT INTO moves VALUES (?, ?, ?)", want.Order, want.Name, want.Amount) // for the audit
	return err
}

// Locked tells whether another transaction has the account locked.
func (p *Page) Locked(account string) (locked bool, err error) {
	err = p.tx.QueryRow("SELECT EXISTS (SELECT 1 FROM locks WHERE name = ? AND id <> ?)", account, p.id).Scan(&locked)
	return locked, err
}

// Lock locks an account for the transaction. The lock is a row: it outlives the
// process.
func (p *Page) Lock(account string) error {
	_, err := p.tx.Exec("INSERT INTO locks VALUES (?, ?) ON CONFLICT DO NOTHING", account, p.id)
	return err
}

// Unlock takes the transaction's lock off, if it has one.
func (p *Page) Unlock() error {
	_, err := p.tx.Exec("DELETE FROM locks WHERE id = ?", p.id)
	return err
}
