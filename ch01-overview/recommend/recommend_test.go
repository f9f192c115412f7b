package recommend_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch01-overview/recommend"
)

func TestTheGoServiceKeepsTheContract(t *testing.T) {
	server := httptest.NewServer(recommend.New(recommend.GoesWith))
	t.Cleanup(server.Close)
	keepsTheContract(t, server.URL)
}

func TestThePythonTwinKeepsTheSameContract(t *testing.T) {
	twin, err := recommend.StartTwin(t.Context(), "recommend.py")
	if errors.Is(err, recommend.ErrNoPython) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	keepsTheContract(t, "http://"+twin.Addr)
	require.NoError(t, twin.Stop(), "it must end in good order when its standard input is closed")
}

// keepsTheContract asks a service that may be written in any language.
func keepsTheContract(t *testing.T, url string) {
	const recommendations, problem = "application/json", "application/problem+json"
	for _, row := range []struct {
		name, method, path string
		status             int
		kind, body         string
	}{
		{"what goes with tea", "GET", "/recommendations/tea",
			200, recommendations, `{"item":"tea","recommended":["biscuits","honey"]}`},
		{"nothing goes with a shovel, which is an answer too", "GET", "/recommendations/shovel",
			200, recommendations, `{"item":"shovel","recommended":[]}`},
		{"a name is decoded", "GET", "/recommendations/green%20tea",
			200, recommendations, `{"item":"green tea","recommended":[]}`},
		{"a page that is not there", "GET", "/elsewhere", 404, problem, ""},
		{"a name that is no text", "GET", "/recommendations/%FF", 400, problem, ""},
		{"no item", "GET", "/recommendations/", 404, problem, ""},
		{"it can only be read", "POST", "/recommendations/tea", 405, problem, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), row.method, url+row.path, nil)
			require.NoError(t, err)
			resp, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, row.status, resp.StatusCode, "%s", body)
			require.Equal(t, row.kind, resp.Header.Get("Content-Type"))
			if row.body != "" {
				require.JSONEq(t, row.body, string(body))
			}
			if row.status == http.StatusMethodNotAllowed {
				require.Contains(t, resp.Header.Get("Allow"), "GET")
			}
		})
	}
}
