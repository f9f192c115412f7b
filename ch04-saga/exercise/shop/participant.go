package shop

import (
	"errors"
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Part is what a participant does in a saga.
type Part struct {
	Do     string       // takes something, e.g. "reserve"
	Undo   string       // gives it back, e.g. "release"; empty if nothing can
	Finish string       // uses it for good, e.g. "ship"; empty if nothing has to
	Short  httpapi.Kind // the refusal when too little is left

	Take     func(b *Book, want Amount) (State, error)
	GiveBack func(b *Book, want Amount) error
}

// NewParticipant returns a service that plays a part. Each call is one
// transaction, and is answered when that is on the disk.
func NewParticipant(db *sqlite.DB, p Part) http.Handler {
	router := httpapi.NewRouter()
	for call, serve := range map[string]func(*Book, Amount) error{p.Do: p.do, p.Undo: p.GiveBack, p.Finish: p.finish} {
		if call != "" {
			router.Post("/"+call, httpapi.Handle(handler(db, serve)))
		}
	}
	return router
}

func handler(db *sqlite.DB, serve func(*Book, Amount) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		saga, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		want, err := httpapi.Decode[Amount](w, r)
		if err != nil {
			return err
		}
		var refused refusal
		err = db.Update(r.Context(), func(tx *sqlite.Tx) error {
			err := serve(&Book{tx, saga}, want)
			if r, ok := errors.AsType[refusal](err); ok { // what the book says of it stays
				refused = r
				return nil
			}
			return err
		})
		switch {
		case err != nil:
			return err
		case refused != "":
			return httpapi.Kind(refused).With("%d of %s", want.Amount, want.Name)
		}
		return httpapi.WriteJSON(w, http.StatusOK, want)
	}
}

// refusal is a no of the business, which is written down like a yes.
type refusal httpapi.Kind

func (r refusal) Error() string { return string(r) }

func (p Part) do(b *Book, want Amount) error {
	state, err := p.Take(b, want)
	switch {
	case err != nil:
		return err
	case state == Refused:
		return refusal(p.Short)
	case state == Undone:
		return refusal(httpapi.Compensated)
	}
	return nil
}

// finish cannot be refused, unless there is nothing to finish.
func (p Part) finish(b *Book, _ Amount) error {
	state, err := b.State()
	if err == nil && state != Done {
		err = refusal(httpapi.NotFound)
	}
	if err != nil {
		return err
	}
	return b.finish()
}
