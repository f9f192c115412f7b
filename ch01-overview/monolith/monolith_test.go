package monolith_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch01-overview/monolith"
	"example.com/dtx/internal/sqlite"
)

// shop opens a shop, and returns what a customer does with it.
func shop(t *testing.T) (order func(key, body string) (status int, answer string)) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(t.TempDir(), "shop.db"), Schema: monolith.Schema,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	s := monolith.New(db)
	return func(key, body string) (int, string) {
		r := httptest.NewRequestWithContext(
			t.Context(), http.MethodPost, "/orders", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
}

const (
	tea     = `{"customer":"ada","item":"tea","quantity":2,"slot":"mon-am"}`
	twice   = `{"customer":"ada","item":"tea","quantity":4,"slot":"mon-am"}`
	tooMany = `{"customer":"ada","item":"truffle","quantity":2,"slot":"mon-am"}`
	shovel  = `{"customer":"ada","item":"shovel","quantity":1,"slot":"mon-am"}`
)

func TestADecidedOrderGetsTheSameAnswerAgain(t *testing.T) {
	order := shop(t)
	for key, row := range map[string]struct {
		body   string
		status int
	}{"order-1": {tea, http.StatusCreated}, "order-10": {tooMany, http.StatusConflict}} {
		status, first := order(key, row.body)
		require.Equal(t, row.status, status)
		status, again := order(key, row.body)
		require.Equal(t, row.status, status)
		require.Equal(t, first, again)
	}
}

func TestAKeyBelongsToOneOrder(t *testing.T) {
	order := shop(t)
	status, _ := order("order-1", tea)
	require.Equal(t, http.StatusCreated, status)
	status, answer := order("order-1", twice)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Contains(t, answer, "key-reused")
}

func TestWhatDoesNotExistIsNoOrderAndNotRecorded(t *testing.T) {
	order := shop(t)
	status, _ := order("order-1", shovel)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	status, _ = order("order-1", tea)
	require.Equal(t, http.StatusCreated, status, "the key is still free")
}
