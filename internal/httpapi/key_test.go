package httpapi_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/dtx/internal/httpapi"
	"github.com/stretchr/testify/require"
)

func TestAKeyIsTakenAsItIsOrRefused(t *testing.T) {
	const accepted = httpapi.Kind("")
	for _, row := range []struct {
		name   string
		values []string
		want   httpapi.Kind
		reason string
	}{
		{"name", []string{"order-1"}, accepted, "what a student types"},
		{"all characters", []string{"AZaz09._~-"}, accepted, "those of RFC 3986, section 2.3"},
		{"UUID", []string{"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"}, accepted,
			"what a program sends"},
		{"longest", []string{strings.Repeat("k", httpapi.MaxKey)}, accepted, "exactly the limit"},
		{"too long", []string{strings.Repeat("k", httpapi.MaxKey+1)}, httpapi.Malformed,
			"it is stored"},
		{"missing", nil, httpapi.MissingKey, "a retry could not be told from a new order"},
		{"empty", []string{""}, httpapi.MissingKey, "all empty keys would be one order"},
		{"two", []string{"a", "b"}, httpapi.Malformed, "which one?"},
		{"the same twice", []string{"a", "a"}, httpapi.Malformed, "a proxy would join them"},
		{"empty and one", []string{"", "a"}, httpapi.Malformed, "which one?"},
		{"joined", []string{"a, b"}, httpapi.Malformed, "two that a proxy has joined"},
		{"quoted", []string{`"a"`}, httpapi.Malformed,
			"the draft's form would be another key than a"},
		{"space inside", []string{"a b"}, httpapi.Malformed, "it stands in fault points' names"},
		{"slash", []string{"a/b"}, httpapi.Malformed, "it stands in paths"},
		{"dot", []string{"."}, httpapi.Malformed,
			"in a path it is left out (RFC 3986, section 5.2.4)"},
		{"two dots", []string{".."}, httpapi.Malformed, "/orders/.. is /"},
		{"three dots", []string{"..."}, accepted, "they mean nothing"},
		{"letter outside ASCII", []string{"aé"}, httpapi.Malformed,
			"it can be written in two ways"},
		{"control character", []string{"a\x00b"}, httpapi.Malformed, "it stands in logs"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", nil)
			r.Header["Idempotency-Key"] = row.values
			key, err := httpapi.Key(r)
			if row.want == accepted {
				require.NoError(t, err, row.reason)
				require.Equal(t, row.values[0], key)
				return
			}
			require.ErrorIs(t, err, row.want, row.reason)
			require.Empty(t, key)
		})
	}
}
