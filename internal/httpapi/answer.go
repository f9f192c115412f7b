package httpapi

import "net/http"

// Answer makes a handler of fn. Its value is the answer, as JSON with status 200; its
// error is answered as [Handle] does.
func Answer[T any](fn func(*http.Request) (T, error)) http.HandlerFunc {
	return Handle(func(w http.ResponseWriter, r *http.Request) error {
		value, err := fn(r)
		if err != nil {
			return err
		}
		return WriteJSON(w, http.StatusOK, value)
	})
}
