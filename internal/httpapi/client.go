package httpapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"

	"github.com/go-json-experiment/json"
)

// Post sends a JSON body under an Idempotency-Key and returns the answer, as
// [ReadAnswer] does. Ask [OutcomeOf] what an error means. If there is no answer
// at all, the outcome is [Unknown], whatever the reason: a lost request and a
// lost reply look the same from here. That goes for "connection refused" too,
// which tells of the last attempt of whatever carried the request (a transport
// that replays, a proxy) and not of those before it.
//
// Post sends at most once; to ask again is the caller's decision. Left alone,
// net/http would decide: a request with an Idempotency-Key counts as
// replayable (isReplayable in net/http/request.go), and its Transport silently
// sends it again when a reused connection breaks, also to a service that
// ignores the key. It cannot without GetBody. Nor are redirects followed,
// which would turn the POST into a GET and that one's 200 into a "done".
func Post[T any](ctx context.Context, client *http.Client, url, key string, body any) (T, error) {
	var none T
	content, err := json.Marshal(body, json.Deterministic(true))
	if err != nil {
		return none, fmt.Errorf("post %s: marshal body: %w", url, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(content))
	if err != nil {
		return none, fmt.Errorf("post: %w", err)
	}
	request.GetBody = nil
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(keyHeader, key)
	return send[T](client, request)
}

// Get asks for a resource and returns the answer, as [ReadAnswer] does.
func Get[T any](ctx context.Context, client *http.Client, url string) (T, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		var none T
		return none, fmt.Errorf("get: %w", err)
	}
	return send[T](client, request)
}

func send[T any](client *http.Client, request *http.Request) (T, error) {
	direct := *client
	direct.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	response, err := direct.Do(request)
	if err != nil {
		var none T
		return none, noAnswer{err}
	}
	value, err := ReadAnswer[T](response)
	if err != nil {
		return value, fmt.Errorf("%s %s: %w", request.Method, request.URL, err)
	}
	return value, nil
}

// ReadAnswer reads an answer to its end, [MaxBody] bytes at most, and closes
// it. A 2xx with a JSON body is returned as a T: fields may be added to an
// answer over time, but none may be missing or null. A problem is returned as
// a [*Problem] error. Anything else, such as a proxy's page, a redirect or a
// body cut short, is an error whose outcome is [Unknown], even under a 2xx.
func ReadAnswer[T any](response *http.Response) (T, error) {
	var value, none T
	defer response.Body.Close()
	body, err := io.ReadAll(http.MaxBytesReader(nil, response.Body, MaxBody))
	if err != nil {
		return none, noAnswer{fmt.Errorf("read answer: %w", err)}
	}
	if isJSON(response.Header, "application/problem+json") {
		return none, readProblem(response.StatusCode, body)
	}
	if response.StatusCode/100 != 2 || !isJSON(response.Header, "application/json") {
		return none, noAnswer{fmt.Errorf("not an answer of this API: %s", response.Status)}
	}
	if err := json.Unmarshal(body, &value); err != nil {
		return none, noAnswer{fmt.Errorf("read answer: %w", err)}
	}
	if flaw := incomplete(body, reflect.TypeFor[T]()); flaw != "" {
		return none, noAnswer{errors.New("read answer: " + flaw)}
	}
	return value, nil
}

// readProblem returns the problem in a body. Members that it does not know are
// extensions and are ignored (RFC 9457, section 3.2); the status is the real one.
func readProblem(status int, body []byte) error {
	problem := &Problem{Type: "about:blank"}
	if err := json.Unmarshal(body, problem); err != nil {
		return noAnswer{fmt.Errorf("read problem: %w", err)}
	}
	problem.Status = status
	return problem
}

// noAnswer is returned when a request went out and no answer of ours came back.
type noAnswer struct{ cause error }

func (e noAnswer) Error() string { return e.cause.Error() }
func (e noAnswer) Unwrap() error { return e.cause }
func (noAnswer) Unknown() bool   { return true }
