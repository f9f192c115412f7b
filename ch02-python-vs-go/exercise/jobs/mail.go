package jobs

import (
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// MailSchema makes the database of the mail.
const MailSchema = `CREATE TABLE letters (id TEXT PRIMARY KEY, customer TEXT NOT NULL) STRICT;`

// NoAddress is a customer without an address.
const NoAddress = "mallory"

// NewMail returns a service that sends letters, each once.
func NewMail(db *sqlite.DB) http.Handler {
	router := httpapi.NewRouter()
	router.Post("/send", httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		key, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		letter, err := httpapi.Decode[Letter](w, r)
		if err != nil {
			return err
		}
		if letter.To == NoAddress {
			return httpapi.UnknownCustomer.With("%s has no address", letter.To)
		}
		err = db.Update(r.Context(), func(tx *sqlite.Tx) error {
			const insert = "INSERT INTO letters VALUES (?, ?) ON CONFLICT DO NOTHING"
			_, err := tx.Exec(insert, key, letter.To)
			return err
		})
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, letter)
	}))
	return router
}
