package participant

import (
	"context"
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Ledger is what is left in each account as it was last committed, and the branches that are
// prepared or committed, as one transaction sees both.
type Ledger struct {
	Accounts []Account `json:"accounts"`
	Branches []Branch  `json:"branches"`
}

// Branch is a branch in a ledger.
type Branch struct {
	ID     string `json:"id"`
	Name   string `json:"name"` // name of the account
	Amount int64  `json:"amount"`
	State  string `json:"state"` // "prepared" or "committed"
}

// books are branches that an audit can read, as it can those in Rows.
type books interface {
	Ledger(ctx context.Context) (Ledger, error)
}

// ledger is for an audit of some orders: many would need pages.
func ledger(b books) http.HandlerFunc {
	return httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		l, err := b.Ledger(r.Context())
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, l)
	})
}

// Ledger lists the accounts and the branches.
func (r Rows) Ledger(ctx context.Context) (Ledger, error) {
	l := Ledger{[]Account{}, []Branch{}}
	rows, err := sqlite.Collect(ctx, r.db, func(b *Branch) []any {
		return []any{&b.ID, &b.Name, &b.Amount, &b.State}
	}, `SELECT '', name, amount, '' FROM accounts UNION ALL
		SELECT id, name, amount, state FROM branches WHERE state <> 'aborted'`)
	for _, row := range rows {
		if row.ID == "" {
			l.Accounts = append(l.Accounts, Account{Name: row.Name, Amount: row.Amount})
		} else {
			l.Branches = append(l.Branches, row)
		}
	}
	return l, err
}
