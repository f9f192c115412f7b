package shop

import (
	"cmp"
	"database/sql"
	"errors"
	"net/http"

	"example.com/dtx/ch06-tcc/participant"
	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes a participant's database; a service adds its own accounts. The audit
// reads what was really moved.
const Schema = `
CREATE TABLE accounts (name TEXT PRIMARY KEY, available INTEGER NOT NULL,
	reserved INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE reservations (id TEXT PRIMARY KEY, state TEXT NOT NULL,
	name TEXT NOT NULL, amount INTEGER NOT NULL) STRICT;
CREATE TABLE moves (id TEXT NOT NULL, name TEXT NOT NULL,
	available INTEGER NOT NULL, reserved INTEGER NOT NULL) STRICT;
`

// ErrTooLittle is returned by a try when less is available than is wanted.
var ErrTooLittle = errors.New("too little is available")

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
// serves one message. If the database fails, or the student's function returns an error,
// nothing of it is done.
type Book struct {
	State     State              // what is written; Nothing if nothing is
	Wanted    participant.Wanted // what the try wants, or has wanted; empty if it has not come
	Available int64              // how much of that account is available

	tx     *sqlite.Tx
	id     string
	failed error
}

// Write writes the state of the transaction, together with what is wanted.
func (b *Book) Write(state State) {
	b.exec("INSERT OR REPLACE INTO reservations VALUES (?, ?, ?, ?)",
		b.id, state, b.Wanted.Name, b.Wanted.Amount)
}

// Move changes the two amounts of the account, each by a number that may be negative.
func (b *Book) Move(available, reserved int64) {
	if b.Wanted.Name == "" {
		b.failed = cmp.Or(b.failed, errors.New("move nothing: the try has not come"))
	}
	b.exec("UPDATE accounts SET available = available + ?, reserved = reserved + ? WHERE name = ?",
		available, reserved, b.Wanted.Name)
	b.exec("INSERT INTO moves VALUES (?, ?, ?, ?)", b.id, b.Wanted.Name, available, reserved)
}

func (b *Book) exec(statement string, args ...any) {
	_, err := b.tx.Exec(statement, args...)
	b.failed = cmp.Or(b.failed, err)
}

// open reads what is known; w is what a try wants.
func open(tx *sqlite.Tx, id string, w participant.Wanted) (*Book, error) {
	b := &Book{tx: tx, id: id}
	err := tx.QueryRow("SELECT state, name, amount FROM reservations WHERE id = ?", id).
		Scan(&b.State, &b.Wanted.Name, &b.Wanted.Amount)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	b.Wanted = cmp.Or(w, b.Wanted)
	err = tx.QueryRow("SELECT coalesce(sum(available), 0) FROM accounts WHERE name = ?",
		b.Wanted.Name).Scan(&b.Available)
	return b, err
}

// Part is what a student plugs into a participant.
type Part struct{ Try, Confirm, Cancel func(*Book) error }

// NewParticipant returns a participant that gets the chapter's messages, and answers as
// the student's functions say.
func NewParticipant(db *sqlite.DB, rules participant.Rules, part Part) http.Handler {
	r := httpapi.NewRouter()
	r.Post("/try", serve[participant.Wanted](db, tcc.Try, func(b *Book) error {
		err := part.Try(b)
		if errors.Is(err, ErrTooLittle) {
			return rules.Short.With("%d of %s wanted", b.Wanted.Amount, b.Wanted.Name)
		}
		return err
	}))
	r.Post("/confirm", serve[struct{}](db, tcc.Confirm, part.Confirm))
	r.Post("/cancel", serve[struct{}](db, tcc.Cancel, part.Cancel))
	return r
}

// serve answers a message. What it says is done is on the disk.
func serve[Body any](db *sqlite.DB, op tcc.Operation, do func(*Book) error) http.HandlerFunc {
	return httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		id, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		body, err := httpapi.Decode[Body](w, r)
		if err != nil {
			return err
		}
		wanted, _ := any(body).(participant.Wanted) // only a try has it
		err = db.Update(r.Context(), func(tx *sqlite.Tx) error {
			b, err := open(tx, id, wanted)
			if err != nil {
				return err
			}
			err = do(b)
			return cmp.Or(b.failed, err)
		})
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, tcc.Answer{Done: op})
	})
}
