package shop

import (
	"cmp"
	"errors"
	"net/http"

	"example.com/dtx/ch06-tcc/participant"
	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// ErrTooLittle is returned by a try when less is available than is wanted.
var ErrTooLittle = errors.New("too little is available")

// Part is what a student plugs into a participant.
type Part struct {
	Try     func(b *Book, wanted participant.Wanted) error
	Confirm func(b *Book) error
	Cancel  func(b *Book) error
}

// NewParticipant returns a participant that gets the chapter's messages, and answers as
// the student's functions say.
func NewParticipant(db *sqlite.DB, rules participant.Rules, part Part) http.Handler {
	r := httpapi.NewRouter()
	r.Post("/try", serve(db, tcc.Try, func(b *Book, w participant.Wanted) error {
		b.wanted = w
		err := part.Try(b, w)
		if errors.Is(err, ErrTooLittle) {
			return rules.Short.With("%d of %s wanted", w.Amount, w.Name)
		}
		return err
	}))
	r.Post("/confirm", serve(db, tcc.Confirm, withoutBody(part.Confirm)))
	r.Post("/cancel", serve(db, tcc.Cancel, withoutBody(part.Cancel)))
	return r
}

func withoutBody(do func(*Book) error) func(*Book, struct{}) error {
	return func(b *Book, _ struct{}) error { return do(b) }
}

// serve answers a message about a transaction. What it says is done is on the disk.
func serve[T any](db *sqlite.DB, op tcc.Operation, do func(*Book, T) error) http.HandlerFunc {
	return httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		id, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		body, err := httpapi.Decode[T](w, r)
		if err != nil {
			return err
		}
		err = db.Update(r.Context(), func(tx *sqlite.Tx) error {
			b := &Book{tx: tx, id: id}
			err := do(b, body)
			return cmp.Or(b.failed, err)
		})
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, tcc.Answer{Done: op})
	})
}
