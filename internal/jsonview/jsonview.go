// Package jsonview answers a request with what a query selects. SQLite writes the JSON,
// with json_object and json_group_array. What a subquery has written goes through json(),
// else it is a text (https://www.sqlite.org/json1.html).
package jsonview

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Handler answers with the one column of the one row of a query, as one transaction
// sees it.
func Handler(db *sqlite.DB, query string) http.HandlerFunc {
	return httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		var answer jsontext.Value
		err := db.View(r.Context(), func(tx *sqlite.Tx) error {
			return tx.QueryRow(query).Scan((*[]byte)(&answer))
		})
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, answer)
	})
}
