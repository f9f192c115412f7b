// Package httpapi is what the services of the shop share of HTTP: strict JSON
// in, problem details (RFC 9457) out, and a client that never takes a missing
// answer for a "no".
//
// A handler returns an error, and [Handle] answers with it:
//
//	router := httpapi.NewRouter()
//	router.Post("/hold", httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
//		key, err := httpapi.Key(r)
//		if err != nil {
//			return err
//		}
//		wanted, err := httpapi.Decode[hold](w, r)
//		…
//		return httpapi.OutOfStock.With("%d wanted, %d left", wanted.Quantity, left)
//	}))
//
// Its client gets the same error back, and asks what it means:
//
//	held, err := httpapi.Post[receipt](ctx, client, "http://stock/hold", key, hold{…})
//	switch httpapi.OutcomeOf(err) {
//	case httpapi.Done:    // go on
//	case httpapi.Refused: // final: undo what was done before
//	case httpapi.NotDone: // nothing happened: ask again, or give up
//	case httpapi.Unknown: // ask again with the same key, or undo this as well
//	}
//
// What net/http answers by itself, before a handler is called, is plain text and
// no problem: 400 (not HTTP, or no Host), 417 (an Expect that it does not know),
// 431 (headers above their limit), 501 and 505. To a client of this package it
// is no answer at all: the outcome is [Unknown].
package httpapi
