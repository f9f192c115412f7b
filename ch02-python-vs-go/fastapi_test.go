package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch02-python-vs-go/target"
)

// TestFastAPIAcceptsWhatNobodyForbids checks what the lesson says of FastAPI
// without strictness.py. The program in testdata/lenient has the same models and
// routes, and nothing that is strict.
func TestFastAPIAcceptsWhatNobodyForbids(t *testing.T) {
	t.Parallel()
	lenient, err := target.NewFastAPI(t.Context(), filepath.Join(here(t), "testdata", "lenient"), 1)
	if errors.Is(err, target.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	p, err := lenient.Start(t.Context(), target.Settings{})
	require.NoError(t, err)
	t.Cleanup(p.Kill)

	for _, row := range []struct {
		reason, body string
		status       int
		result       string
	}{
		{"a name is there twice, and the last one wins",
			`{"kind":"hash","amount":1,"amount":2}`, 200, "2"},
		{"a body of any size", `{"kind":"hash","amount":1}` + strings.Repeat(" ", 5<<20), 200, "1"},
		{"a text for an integer", `{"kind":"hash","amount":"1"}`, 200, "1"},
		{"true for an integer", `{"kind":"hash","amount":true}`, 200, "1"},
		{"a fraction for an integer", `{"kind":"hash","amount":1.5}`, 200, "1"},
		{"an unknown member", `{"kind":"hash","amount":1,"priority":1}`, 200, "1"},
		{"half a surrogate pair: the refusal cannot be encoded",
			`{"kind":"\ud800","amount":1}`, 500, ""},
	} {
		status, _, said := exchange(t, http.MethodPost, p.URL+"/run", row.body)
		require.Equal(t, row.status, status, "%s: %s", row.reason, said)
		if row.status == http.StatusOK {
			require.JSONEq(t, `{"result":"`+row.result+`"}`, said, row.reason)
		}
	}
	status, header, _ := exchange(t, http.MethodPut, p.URL+"/jobs", "")
	require.Equal(t, http.StatusMethodNotAllowed, status)
	require.Equal(t, "GET", header.Get("Allow"), "it has POST, too")
}

func exchange(t *testing.T, method, url, body string) (
	status int, header http.Header, said string,
) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Close = true // after a 500, uvicorn closes the connection
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, response.Header, string(text)
}
