package httpapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// retryAfter is the number of seconds after which a client may ask again, if
// the answer that it got was not final.
const retryAfter = "1"

// Handle turns a function that returns an error into an [http.HandlerFunc].
// It is the one place that maps errors to answers:
//
//   - a [*Problem] or [Kind], wrapped or not, is answered as itself;
//   - an error with a method Unknown() bool, as the database's have, is
//     answered 503 [OutcomeUnknown] (true) or 503 [Unavailable] (false);
//   - any other error is answered 500 [Internal].
//
// A problem that another service answered with is passed on as it is. Its
// outcome is that service's alone: who has done something before translates it.
//
// The cause of a 5xx is logged, and the text of what is not a problem is kept
// from the client. Of the requests that are turned away ([Unavailable]) one a second
// is logged: a service that has too much to do does not write about each. An error
// that comes after the answer has begun is only logged. A panic is left to net/http,
// which breaks the connection: for the client one more answer that never came.
func Handle(serve func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	var turnedAway sample
	return func(w http.ResponseWriter, r *http.Request) {
		answer := &answerWriter{ResponseWriter: w}
		err := serve(answer, r)
		if err == nil {
			return
		}
		problem := problemOf(err)
		if answer.begun || problem.Status >= http.StatusInternalServerError {
			omitted, ok := 0, true
			if problem.Type == Unavailable && !answer.begun {
				omitted, ok = turnedAway.pick(time.Now())
			}
			if ok {
				slog.ErrorContext(r.Context(), "request failed", "method", r.Method,
					"path", r.URL.Path, "begun", answer.begun, "error", err, "omitted", omitted)
			}
		}
		if !answer.begun {
			writeProblem(w, problem)
		}
	}
}

// WriteJSON answers with a value as JSON; equal values give equal bytes.
// If the value cannot be marshaled, nothing is written. The error is for a
// handler to return.
func WriteJSON(w http.ResponseWriter, status int, value any) error {
	return write(w, status, "application/json", value)
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	if p.Outcome() != Refused {
		w.Header().Set("Retry-After", retryAfter)
	}
	lenient := jsontext.AllowInvalidUTF8(true) // a detail may quote the request
	if err := write(w, p.Status, "application/problem+json", p, lenient); err != nil {
		slog.Error("problem not delivered", "problem", p, "error", err)
	}
}

func write(
	w http.ResponseWriter, status int, mediaType string, value any, opts ...json.Options,
) error {
	body, err := json.Marshal(value, append(opts, json.Deterministic(true))...)
	if err != nil {
		return fmt.Errorf("marshal answer: %w", err)
	}
	body = append(body, '\n') // for people with curl
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return nil
}

// An answerWriter remembers whether the answer has begun.
type answerWriter struct {
	http.ResponseWriter
	begun bool
}

func (w *answerWriter) WriteHeader(status int) {
	w.begun = w.begun || status >= http.StatusOK // a 1xx is not the answer yet
	w.ResponseWriter.WriteHeader(status)
}

func (w *answerWriter) Write(p []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(p)
}

// FlushError begins the answer. [http.ResponseController] calls it.
func (w *answerWriter) FlushError() error {
	w.begun = true
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap gives [http.ResponseController] the deadlines of the connection.
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
