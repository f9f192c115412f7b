package jsonview_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/jsonview"
	"example.com/dtx/internal/sqlite"
)

func TestAQueryIsAnsweredAsItsJSON(t *testing.T) {
	t.Parallel()
	db, err := sqlite.Open(t.Context(), sqlite.Config{
		Path:   filepath.Join(t.TempDir(), "shop.db"),
		Schema: "CREATE TABLE item (name TEXT NOT NULL, units INTEGER NOT NULL) STRICT;",
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	ask := func(query string) (int, string) {
		w := httptest.NewRecorder()
		jsonview.Handler(db, query)(w, httptest.NewRequest(http.MethodGet, "/items", nil))
		return w.Code, w.Body.String()
	}
	const items = `SELECT json_group_array(json_object('name', name, 'units', units) ORDER BY name)
		FROM item`
	status, body := ask(items)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "[]\n", body)
	require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`INSERT INTO item VALUES ('tea', 10), ('a "b" <c>', 9223372036854775807)`)
		return err
	}))
	_, body = ask(items)
	require.Equal(t,
		`[{"name":"a \"b\" <c>","units":9223372036854775807},{"name":"tea","units":10}]`+"\n", body)
	status, _ = ask("SELECT nothing")
	require.Equal(t, http.StatusInternalServerError, status)
}
