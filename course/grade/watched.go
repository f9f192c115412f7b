package grade

import (
	"fmt"
	"net/http"
	"runtime/debug"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// watched is a variant whose runs count as progress, and whose panics are told.
func (t *T) watched(v lab.Variant) lab.Variant {
	services := make([]lab.Service, len(v.Services))
	for i, s := range v.Services {
		build := s.New
		if build == nil { // it is opened on a folder, and is not the student's
			services[i] = s
			continue
		}
		s.New = func(db *sqlite.DB, client *http.Client) http.Handler {
			t.runs.Add(1)
			service := build(db, client)
			told := t.tell(service)
			if r, ok := service.(lab.Runner); ok {
				return struct {
					http.Handler
					lab.Runner
				}{told, r}
			}
			return told
		}
		services[i] = s
	}
	v.Services = services
	return v
}

// panicError is a panic in a student's code.
type panicError struct {
	value any
	at    string
}

func (p panicError) Error() string { return fmt.Sprintf("panic: %v, at %s", p.value, p.at) }

// tell notes a handler's panic, which for its callers is no answer, and nothing else.
func (t *T) tell(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p != http.ErrAbortHandler {
				t.journal.note(panicError{p, place(string(debug.Stack()))})
			}
			panic(p)
		}()
		next.ServeHTTP(w, r)
	})
}
