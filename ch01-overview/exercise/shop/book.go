package shop

import (
	"net/http"

	"example.com/dtx/ch01-overview/account"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the database of a service that keeps accounts; it adds its own.
const Schema = account.Schema + `
CREATE TABLE known (order_id TEXT PRIMARY KEY) STRICT;
`

// Book is the accounts of a service, in one transaction that serves one call for
// one order. It is committed when the call is served, or gone if that failed.
type Book struct {
	tx    *sqlite.Tx
	order string
	short httpapi.Kind
}

// Known tells whether the order was noted, by a call that was committed before.
func (b *Book) Known() (bool, error) {
	var n int
	err := b.tx.QueryRow("SELECT count(*) FROM known WHERE order_id = ?", b.order).Scan(&n)
	return n > 0, err
}

// Note notes the order.
func (b *Book) Note() error {
	_, err := b.tx.Exec("INSERT INTO known VALUES (?) ON CONFLICT DO NOTHING", b.order)
	return err
}

// Subtract takes an amount out of its account. If there is too little, its error
// is the service's no.
func (b *Book) Subtract(a Amount) error {
	const update = "UPDATE accounts SET amount = amount - ? WHERE name = ? AND amount >= ?"
	done, err := b.tx.Exec(update, a.Amount, a.Name, a.Amount)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return b.short.With("%d of %s wanted", a.Amount, a.Name)
	}
	return b.effect(a.Name, a.Amount)
}

// add gives back, as often as it is asked: that is not mended.
func (b *Book) add(a Amount) error {
	const update = "UPDATE accounts SET amount = amount + ? WHERE name = ?"
	if _, err := b.tx.Exec(update, a.Amount, a.Name); err != nil {
		return err
	}
	return b.effect(a.Name, -a.Amount)
}

// effect writes down for the audit what was really taken, and for which order.
func (b *Book) effect(name string, amount int64) error {
	_, err := b.tx.Exec("INSERT INTO effects VALUES (?, ?, ?)", b.order, name, amount)
	return err
}

// Take serves a call that wants an amount for an order.
type Take func(b *Book, want Amount) error

// NewAccounts returns a service with two paths, on a database with Schema.
func NewAccounts(db *sqlite.DB, path, undo string, short httpapi.Kind, take Take) http.Handler {
	r := httpapi.NewRouter()
	for path, serve := range map[string]Take{path: take, undo: (*Book).add} {
		r.Post(path, httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
			id, err := httpapi.Key(r)
			if err != nil {
				return err
			}
			want, err := httpapi.Decode[Amount](w, r)
			if err != nil {
				return err
			}
			err = db.Update(r.Context(), func(tx *sqlite.Tx) error {
				return serve(&Book{tx, id, short}, want)
			})
			if err != nil {
				return err
			}
			return httpapi.WriteJSON(w, http.StatusOK, want)
		}))
	}
	return r
}
