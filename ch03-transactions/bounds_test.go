package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch03-transactions/bank"
	"example.com/dtx/ch03-transactions/shop"
	"example.com/dtx/internal/sqlite"
)

func TestNobodyIsPaidByBeingCharged(t *testing.T) {
	for _, row := range []struct {
		name, schema, path, body string
		build                    func(*sqlite.DB) http.Handler
	}{
		{"less than nothing", bank.Schema, "/charge", `{"customer":"ada","cents":-500}`, bank.New},
		{"nothing", bank.Schema, "/charge", `{"customer":"ada","cents":0}`, bank.New},
		{"so much that the price overflows", shop.Schema, "/orders",
			`{"customer":"ada","item":"tea","quantity":27670116110564327,"slot":""}`,
			shop.InOneTransaction},
		{"one more than is sold", shop.Schema, "/orders",
			`{"customer":"ada","item":"tea","quantity":101,"slot":""}`,
			shop.InOneTransaction},
	} {
		t.Run(row.name, func(t *testing.T) {
			db, err := sqlite.Open(t.Context(), sqlite.Config{
				Path: filepath.Join(t.TempDir(), "test.db"), Schema: row.schema,
			})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			r := httptest.NewRequestWithContext(
				t.Context(), http.MethodPost, row.path, strings.NewReader(row.body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", "order-1")
			w := httptest.NewRecorder()
			row.build(db).ServeHTTP(w, r)
			require.Equal(t, http.StatusUnprocessableEntity, w.Code, "%s", w.Body)
		})
	}
}
