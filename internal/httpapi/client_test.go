package httpapi_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"example.com/dtx/internal/httpapi"
	"github.com/stretchr/testify/require"
)

func TestAClientGetsTheErrorThatTheServiceReturned(t *testing.T) {
	logging(t)
	for kind, outcome := range httpapi.Kinds() {
		server := serving(t, func(http.ResponseWriter, *http.Request) error {
			return kind.With("2 of tea wanted")
		})
		_, err := httpapi.Post[order](t.Context(), server.Client(), server.URL, "k", gift{"ada"})
		require.ErrorIs(t, err, kind)
		require.ErrorContains(t, err, "POST "+server.URL+": "+kind.Error()+": 2 of tea wanted")
		require.Equal(t, outcome, httpapi.OutcomeOf(err), kind)
		server.Close()
	}
}

func TestPostSendsTheKeyAndTheBody(t *testing.T) {
	server := serving(t, func(w http.ResponseWriter, r *http.Request) error {
		key, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		sent, err := httpapi.Decode[gift](w, r)
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusCreated, gift{r.Method + " " + key + " " + sent.To})
	})
	got, err := httpapi.Post[gift](t.Context(), server.Client(), server.URL, "order-1", gift{"ada"})
	require.NoError(t, err)
	require.Equal(t, gift{"POST order-1 ada"}, got)
	_, err = httpapi.Post[gift](t.Context(), server.Client(), server.URL, "", gift{"ada"})
	require.ErrorIs(t, err, httpapi.MissingKey)
}

func TestOnlyAWholeAnswerOfThisAPICounts(t *testing.T) {
	const jsonType, problemType = "application/json", "application/problem+json"
	stock := `{"type":"https://example.com/dtx/problems/out-of-stock",` +
		`"title":"x","status":409,"balance":30}`
	for _, row := range []struct {
		name        string
		status      int
		contentType string
		body        string
		want        httpapi.Outcome
		reason      string
	}{
		{"value", 200, jsonType, `{"to":"ada"}`, httpapi.Done, "as it should be"},
		{"value and more", 201, jsonType + "; charset=utf-8", `{"to":"ada","since":1}`,
			httpapi.Done, "a newer service may say more"},
		{"problem", 409, problemType, stock, httpapi.Refused, "RFC 9457: extensions are ignored"},
		{"problem under another status", 502, problemType, stock, httpapi.Unknown,
			"the status line is the real one"},
		{"problem under a 2xx", 200, problemType, stock, httpapi.Unknown, "yes or no?"},
		{"problem without a type", 409, problemType, `{"title":"no"}`, httpapi.Unknown,
			"about:blank: the client cannot know who refused"},
		{"problem of another list", 409, problemType, `{"type":"https://example.org/no"}`,
			httpapi.Unknown, "the same"},
		{"broken problem", 409, problemType, stock[:len(stock)-1], httpapi.Unknown, "cut short"},
		{"refusal as plain JSON", 409, jsonType, stock, httpapi.Unknown, "not a problem"},
		{"value under a 409", 409, jsonType, `{"to":"ada"}`, httpapi.Unknown, "yes or no?"},
		{"proxy's page", 502, "text/html", "<h1>Bad Gateway</h1>", httpapi.Unknown,
			"the proxy may have passed the request on"},
		{"proxy's 404", 404, "text/html", "<h1>Not Found</h1>", httpapi.Unknown,
			"a 404, and not the service's"},
		{"page under a 200", 200, "text/html", "<h1>Please log in</h1>", httpapi.Unknown,
			"a hotel's network"},
		{"no content type", 200, "", `{"to":"ada"}`, httpapi.Unknown, "whose is it?"},
		{"nothing", 204, "", "", httpapi.Unknown, "no service here answers so"},
		{"cut value", 200, jsonType, `{"to":"a`, httpapi.Unknown, "a yes that cannot be read"},
		{"value with a field missing", 200, jsonType, `{}`, httpapi.Unknown, "it would be a zero"},
		{"null", 200, jsonType, `null`, httpapi.Unknown, "it would be a zero"},
		{"endless value", 200, jsonType, strings.Repeat(" ", httpapi.MaxBody) + `{"to":"ada"}`,
			httpapi.Unknown, "reading is bounded"},
		{"redirect", 303, "", "", httpapi.Unknown,
			"following it would be a GET, and its 200 no answer to the POST"},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer := func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet { // the redirect was followed
					row.status, row.contentType, row.body = 200, jsonType, `{"to":"ada"}`
				}
				w.Header()["Content-Type"] = []string{row.contentType}
				w.Header().Set("Location", "/")
				w.WriteHeader(row.status)
				_, _ = io.WriteString(w, row.body)
			}
			server := httptest.NewServer(http.HandlerFunc(answer))
			t.Cleanup(server.Close)
			got, err := httpapi.Post[gift](t.Context(), server.Client(), server.URL, "k", order{})
			require.Equal(t, row.want, httpapi.OutcomeOf(err), "%s: %v", row.reason, err)
			require.Equal(t, row.want == httpapi.Done, got == gift{"ada"})
		})
	}
}

func TestNoAnswerIsUnknownAndNeverNo(t *testing.T) {
	type breakage func(*httptest.Server, http.ResponseWriter, context.CancelFunc)
	for name, breaks := range map[string]breakage{
		"caller gives up": func(_ *httptest.Server, _ http.ResponseWriter, end context.CancelFunc) {
			end()
		},
		"connection breaks": func(_ *httptest.Server, w http.ResponseWriter, _ context.CancelFunc) {
			hangUp(w)
		},
		"answer cut short": func(_ *httptest.Server, w http.ResponseWriter, _ context.CancelFunc) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"to":"ada"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var server *httptest.Server
			breaking := func(w http.ResponseWriter, _ *http.Request) { breaks(server, w, cancel) }
			server = httptest.NewServer(http.HandlerFunc(breaking))
			t.Cleanup(server.Close)
			_, err := httpapi.Post[gift](ctx, server.Client(), server.URL, "k", gift{})
			require.Error(t, err)
			require.Equal(t, httpapi.Unknown, httpapi.OutcomeOf(err))
			require.Equal(t, 503, answered(t, err).Status,
				"a service that passes it on says the same")
		})
	}
	t.Run("connection refused", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		_, err := httpapi.Post[gift](t.Context(), http.DefaultClient, server.URL, "k", gift{})
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.Equal(t, httpapi.Unknown, httpapi.OutcomeOf(err))
	})
}

// TestNetHTTPSilentlySendsARequestWithAKeyAgain shows the trap that Post avoids: if
// it fails, net/http has changed, and the comment on Post with it.
func TestNetHTTPSilentlySendsARequestWithAKeyAgain(t *testing.T) {
	server, received := breakingTheSecond(t, func(*httptest.Server) {})
	require.NoError(t, sendPlainly(t, server))
	require.NoError(t, sendPlainly(t, server), "no error says that it broke")
	require.EqualValues(t, 3, received.Load(), "two were sent")
}

func TestConnectionRefusedDoesNotMeanThatNothingWasReceived(t *testing.T) {
	server, received := breakingTheSecond(t, func(s *httptest.Server) { s.Listener.Close() })
	require.NoError(t, sendPlainly(t, server))
	require.ErrorIs(t, sendPlainly(t, server), syscall.ECONNREFUSED)
	require.EqualValues(t, 2, received.Load(), "and yet the service has it")
}

func TestPostSendsOnceEvenIfAReusedConnectionBreaks(t *testing.T) {
	server, received := breakingTheSecond(t, func(*httptest.Server) {})
	_, err := httpapi.Post[int](t.Context(), server.Client(), server.URL, "k", gift{})
	require.NoError(t, err)
	_, err = httpapi.Post[int](t.Context(), server.Client(), server.URL, "k", gift{})
	require.Equal(t, httpapi.Unknown, httpapi.OutcomeOf(err))
	require.EqualValues(t, 2, received.Load())
}

// sendPlainly posts as one would without httpapi.Post.
func sendPlainly(t *testing.T, server *httptest.Server) error {
	t.Helper()
	body := strings.NewReader(`{}`)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
	require.NoError(t, err)
	request.Header.Set("Idempotency-Key", "k")
	response, err := server.Client().Do(request)
	if err != nil {
		return err
	}
	_, err = httpapi.ReadAnswer[int](response)
	return err
}

// breakingTheSecond counts requests, and hangs up on the second after doing
// something else first.
func breakingTheSecond(
	t *testing.T, first func(*httptest.Server),
) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var received atomic.Int32
	var server *httptest.Server
	server = httptest.NewServer(httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		_, _ = io.Copy(io.Discard, r.Body)
		if received.Add(1) == 2 {
			first(server)
			hangUp(w)
			return nil
		}
		return httpapi.WriteJSON(w, http.StatusOK, 1)
	}))
	t.Cleanup(server.Close)
	return server, &received
}

func hangUp(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		connection.Close()
	}
}

// answered returns the problem that a handler answers with when it returns err.
func answered(t *testing.T, err error) *httpapi.Problem {
	t.Helper()
	logging(t)
	recorder := httptest.NewRecorder()
	httpapi.Handle(func(http.ResponseWriter, *http.Request) error {
		return fmt.Errorf("wrapped: %w", err)
	})(recorder, httptest.NewRequest(http.MethodPost, "/", nil))
	return &httpapi.Problem{Status: recorder.Code}
}
