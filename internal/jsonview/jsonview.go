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
	return httpapi.Answer(func(r *http.Request) (answer jsontext.Value, err error) {
		err = db.View(r.Context(), func(tx *sqlite.Tx) error {
			return tx.QueryRow(query).Scan((*[]byte)(&answer))
		})
		return answer, err
	})
}
