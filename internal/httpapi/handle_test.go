package httpapi_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/dtx/internal/httpapi"
	"github.com/stretchr/testify/require"
)

func TestAnErrorIsAnsweredWithItsProblem(t *testing.T) {
	logged := logging(t)
	for _, row := range []struct {
		name   string
		err    error
		status int
		kind   httpapi.Kind
		detail string
		reason string
	}{
		{"problem", httpapi.OutOfStock.With("1 left"), 409, httpapi.OutOfStock, "1 left",
			"as itself"},
		{"wrapped problem", fmt.Errorf("hold: %w", httpapi.SlotFull.With("x")), 409,
			httpapi.SlotFull, "x", "as itself"},
		{"problem that quotes bad UTF-8", httpapi.NotFound.With("no order \xff"), 404,
			httpapi.NotFound, "no order \ufffd", "no answer is left unwritten"},
		{"bare kind", httpapi.NotFound, 404, httpapi.NotFound, "", "a detail is not always needed"},
		{"failed commit", fmt.Errorf("x: %w", effect{unknown: true}), 503, httpapi.OutcomeUnknown,
			"ask again with the same Idempotency-Key", "not a failure"},
		{"queue given up", effect{unknown: false}, 503, httpapi.Unavailable, "nothing was done",
			"it had not begun"},
		{"anything else", errors.New("secret"), 500, httpapi.Internal, "",
			"and its text stays here"},
		{"problem with no status", &httpapi.Problem{Detail: "secret"}, 500, httpapi.Internal, "",
			"net/http would panic on status 0"},
		{"kind of another list", httpapi.Kind("secret"), 500, httpapi.Internal, "",
			"it has no status"},
		{"problem of another list", httpapi.Kind("secret").With("secret"), 500, httpapi.Internal,
			"", "it has none either"},
		{"problem with a good status", &httpapi.Problem{Status: 200, Detail: "secret"}, 500,
			httpapi.Internal, "", "an error is no 2xx"},
	} {
		t.Run(row.name, func(t *testing.T) {
			logged.Reset()
			failing := func(http.ResponseWriter, *http.Request) error { return row.err }
			response := get(t, serving(t, failing).URL)
			require.Equal(t, row.status, response.StatusCode, row.reason)
			require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
			mayRetry := row.kind.With("").Outcome() != httpapi.Refused
			require.Equal(t, mayRetry, response.Header.Get("Retry-After") == "1")
			body := read(t, response)
			require.NotContains(t, body, "secret")
			require.Equal(t, row.status >= 500, logged.Len() > 0,
				"the cause of a 5xx is in the log")
			want := fmt.Sprintf(`"type":%q,"title":%q,"status":%d`,
				string(row.kind), row.kind.Error(), row.status)
			require.Contains(t, body, want)
			require.Equal(t, row.detail != "", bytes.Contains([]byte(body), []byte(`"detail"`)))
			require.Contains(t, body, row.detail)
		})
	}
}

func TestEveryKindIsAnsweredWithTheStatusOfTheDesign(t *testing.T) {
	design := map[int][]httpapi.Kind{
		400: {httpapi.Malformed, httpapi.MissingKey},
		404: {httpapi.NoRoute, httpapi.NotFound},
		405: {httpapi.MethodNotAllowed},
		409: {
			httpapi.OutOfStock, httpapi.InsufficientFunds, httpapi.SlotFull,
			httpapi.Compensated, httpapi.Cancelled, httpapi.GivenUp, httpapi.InFlight,
		},
		413: {httpapi.TooLarge},
		415: {httpapi.UnsupportedMediaType},
		422: {
			httpapi.Unprocessable, httpapi.UnknownCustomer, httpapi.UnknownItem,
			httpapi.UnknownSlot, httpapi.KeyReused,
		},
		423: {httpapi.Locked},
		500: {httpapi.Internal},
		503: {httpapi.OutcomeUnknown, httpapi.Unavailable},
	}
	seen := 0
	for status, kinds := range design {
		for _, kind := range kinds {
			require.Equal(t, status, kind.With("").Status, kind)
			seen++
		}
	}
	require.Len(t, httpapi.Kinds(), seen)
}

func TestAValueIsTheAnswerOrItsErrorIs(t *testing.T) {
	fails := false
	h := httpapi.Answer(func(r *http.Request) ([]string, error) {
		if fails {
			return nil, httpapi.NotFound.With("%s", r.URL.Path)
		}
		return []string{r.URL.Path}, nil
	})
	ask := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h(w, httptest.NewRequest(http.MethodGet, "/tea", nil))
		return w
	}
	require.Equal(t, http.StatusOK, ask().Code)
	require.JSONEq(t, `["/tea"]`, ask().Body.String())
	fails = true
	require.Equal(t, http.StatusNotFound, ask().Code)
	require.Contains(t, ask().Body.String(), "/tea")
}

func TestAnErrorAfterTheAnswerHasBegunWritesNoSecondOne(t *testing.T) {
	logged := logging(t)
	for name, begin := range map[string]func(http.ResponseWriter){
		"status": func(w http.ResponseWriter) { w.WriteHeader(201) },
		"body":   func(w http.ResponseWriter) { _, _ = io.WriteString(w, "begun") },
		"json":   func(w http.ResponseWriter) { _ = httpapi.WriteJSON(w, 201, 1) },
		"flush":  func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			logged.Reset()
			server := serving(t, func(w http.ResponseWriter, _ *http.Request) error {
				begin(w)
				return httpapi.OutOfStock.With("too late")
			})
			response := get(t, server.URL)
			require.Less(t, response.StatusCode, 300)
			require.NotContains(t, read(t, response), "too late")
			require.Contains(t, logged.String(), "too late")
			require.NotContains(t, logged.String(), "superfluous")
		})
	}
}

func TestAnEarlyHintIsNotTheAnswer(t *testing.T) {
	server := serving(t, func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusEarlyHints)
		return httpapi.OutOfStock
	})
	require.Equal(t, 409, get(t, server.URL).StatusCode)
}

func TestAnAnswerIsTheSameBytesEachTime(t *testing.T) {
	value := map[string]int{"c": 3, "a": 1, "b": 2, "e": 5, "d": 4}
	server := serving(t, func(w http.ResponseWriter, _ *http.Request) error {
		return httpapi.WriteJSON(w, http.StatusAccepted, value)
	})
	for range 10 {
		response := get(t, server.URL)
		require.Equal(t, http.StatusAccepted, response.StatusCode)
		require.Equal(t, "application/json", response.Header.Get("Content-Type"))
		require.EqualValues(t, 32, response.ContentLength)
		require.Equal(t, `{"a":1,"b":2,"c":3,"d":4,"e":5}`+"\n", read(t, response))
	}
}

func TestALongAnswerHasItsLengthToo(t *testing.T) {
	server := serving(t, func(w http.ResponseWriter, _ *http.Request) error {
		return httpapi.WriteJSON(w, http.StatusOK, strings.Repeat("x", 10_000))
	})
	require.EqualValues(t, 10_003, get(t, server.URL).ContentLength,
		"net/http would send it in chunks")
}

func TestAValueThatIsNotJSONIsAnInternalProblem(t *testing.T) {
	logging(t)
	server := serving(t, func(w http.ResponseWriter, _ *http.Request) error {
		return httpapi.WriteJSON(w, http.StatusOK, make(chan int))
	})
	_, err := httpapi.Get[int](t.Context(), server.Client(), server.URL)
	require.ErrorIs(t, err, httpapi.Internal)
}

// logging collects the log until the test ends.
func logging(t *testing.T) *bytes.Buffer {
	t.Helper()
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &log
}

func get(t *testing.T, url string) *http.Response {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func read(t *testing.T, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

func TestOfManyRequestsTurnedAwayOneASecondIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := logging(t)
		away := httpapi.Handle(func(http.ResponseWriter, *http.Request) error {
			return httpapi.Unavailable.With("no place")
		})
		for i := range 101 {
			if i == 100 {
				time.Sleep(time.Second)
			}
			away(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/orders", nil))
		}
		require.Equal(t, 2, strings.Count(log.String(), "request failed"), "%s", log)
		require.Contains(t, log.String(), "omitted=99")
	})
}
