package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"example.com/dtx/internal/httpapi"
	"github.com/stretchr/testify/require"
)

// serving starts a server that answers with what a handler returns.
func serving(
	t *testing.T, handler func(http.ResponseWriter, *http.Request) error,
) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(httpapi.Handle(handler))
	t.Cleanup(server.Close)
	return server
}

// decoding starts a server that decodes an order and sends it back.
func decoding(t *testing.T) *httptest.Server {
	t.Helper()
	return serving(t, func(w http.ResponseWriter, r *http.Request) error {
		got, err := httpapi.Decode[order](w, r)
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, got)
	})
}

// post sends a body under any number of content types.
func post(t *testing.T, server *httptest.Server, body io.Reader, types ...string) (order, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
	require.NoError(t, err)
	request.Header["Content-Type"] = types
	response, err := server.Client().Do(request)
	require.NoError(t, err)
	return httpapi.ReadAnswer[order](response)
}

// chunks hides the length of a reader, so that it is sent without one.
type chunks struct{ io.Reader }
