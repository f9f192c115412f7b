package participant

import (
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Reservation is a try in the ledger that has not been cancelled.
type Reservation struct {
	ID     string `json:"id"`
	Name   string `json:"name"` // name of the account
	Amount int64  `json:"amount"`
	State  string `json:"state"` // "reserved" or "confirmed"
}

// ledger answers with the accounts and the reservations, as one transaction sees both. It
// is for an audit of some orders: many would need pages.
func ledger(db *sqlite.DB) func(http.ResponseWriter, *http.Request) error {
	type row struct {
		account Account
		held    Reservation
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		rows, err := sqlite.Collect(r.Context(), db, func(r *row) []any {
			return []any{
				&r.account.Name, &r.account.Available, &r.account.Reserved,
				&r.held.ID, &r.held.Name, &r.held.Amount, &r.held.State,
			}
		}, `SELECT name, available, reserved, '', '', 0, '' FROM accounts UNION ALL
			SELECT '', 0, 0, id, name, amount,
				iif(EXISTS (SELECT 1 FROM barrier WHERE id = reservations.id
					AND operation = 'confirm'), 'confirmed', 'reserved')
			FROM reservations WHERE NOT EXISTS (SELECT 1 FROM barrier
				WHERE id = reservations.id AND operation = 'cancel')`)
		if err != nil {
			return err
		}
		answer := struct {
			Accounts     []Account     `json:"accounts"`
			Reservations []Reservation `json:"reservations"`
		}{[]Account{}, []Reservation{}}
		for _, row := range rows {
			if row.held.ID == "" {
				answer.Accounts = append(answer.Accounts, row.account)
			} else {
				answer.Reservations = append(answer.Reservations, row.held)
			}
		}
		return httpapi.WriteJSON(w, http.StatusOK, answer)
	}
}
