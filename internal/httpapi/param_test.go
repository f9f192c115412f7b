package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"example.com/dtx/internal/httpapi"
	"github.com/stretchr/testify/require"
)

func TestAPathParameterIsDecodedOnce(t *testing.T) {
	router := httpapi.NewRouter()
	router.Get("/orders/{id}", httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return httpapi.WriteJSON(w, http.StatusOK, httpapi.Param(r, "id"))
	}))
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	for encoded, want := range map[string]string{
		"order-1":   "order-1",
		"a~b":       "a~b",
		"a%7Eb":     "a~b",
		"a%2Fb":     "a/b",
		"%2525":     "%25",
		"%E8%8C%B6": "茶",
	} {
		got, err := httpapi.Get[string](t.Context(), server.Client(), server.URL+"/orders/"+encoded)
		require.NoError(t, err, encoded)
		require.Equal(t, want, got, encoded)
	}
	for _, encoded := range []string{"%FF", "a%C0%AF", "%00", "a%00b"} {
		_, err := httpapi.Get[string](t.Context(), server.Client(), server.URL+"/orders/"+encoded)
		require.ErrorIs(t, err, httpapi.Malformed, encoded)
	}
}
