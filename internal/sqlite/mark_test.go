package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/sqlite"
)

// rows is a schema whose table fills some pages.
const rows = `CREATE TABLE rows (n INTEGER PRIMARY KEY, text TEXT NOT NULL);
	INSERT INTO rows (text) SELECT hex(randomblob(2000)) FROM (VALUES (1), (2), (3), (4), (5))`

func marked(path, service, schema string) sqlite.Config {
	return sqlite.Config{Path: path, Schema: schema, Mark: sqlite.NewMark(service, schema)}
}

// made returns the file of a database that was opened and closed.
func made(t *testing.T, c sqlite.Config) string {
	t.Helper()
	db, err := sqlite.Open(t.Context(), c)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	return c.Path
}

func TestFileThatIsNotTheServicesIsRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string)
		want error
	}{
		{"new", func(*testing.T, string) {}, nil},
		{"its own", func(t *testing.T, path string) { made(t, marked(path, "stock", rows)) }, nil},
		{"empty", func(t *testing.T, path string) { put(t, path, "") }, nil},
		{"before its schema", func(t *testing.T, path string) {
			made(t, sqlite.Config{Path: path})
		}, nil},
		{"another service's", func(t *testing.T, path string) {
			made(t, marked(path, "payment", rows))
		}, sqlite.ErrForeign},
		{"without a mark", func(t *testing.T, path string) {
			made(t, sqlite.Config{Path: path, Schema: rows})
		}, sqlite.ErrForeign},
		{"a text", func(t *testing.T, path string) { put(t, path, "hello") }, sqlite.ErrForeign},
		{"another release's", func(t *testing.T, path string) {
			made(t, marked(path, "stock", "CREATE TABLE rows (n INTEGER)"))
		}, sqlite.ErrRelease},
		{"cut off", func(t *testing.T, path string) {
			made(t, marked(path, "stock", rows))
			require.NoError(t, os.Truncate(path, 12288))
		}, sqlite.ErrDamaged},
		{"overwritten in the middle", func(t *testing.T, path string) {
			made(t, marked(path, "stock", rows))
			file, err := os.OpenFile(path, os.O_WRONLY, 0)
			require.NoError(t, err)
			_, err = file.WriteAt(make([]byte, 4096), 3*4096)
			require.NoError(t, errors.Join(err, file.Close()))
		}, sqlite.ErrDamaged},
		{"cut off at its beginning", func(t *testing.T, path string) {
			put(t, path, "")
			put(t, path+"-wal", "what was committed")
		}, sqlite.ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "stock.db")
			c.make(t, path)
			before, _ := os.ReadFile(path) // a new one is not there
			db, err := sqlite.Open(t.Context(), marked(path, "stock", rows))
			if c.want == nil {
				require.NoError(t, err)
				require.NoError(t, db.Close())
				return
			}
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, path+": "+c.want.Error())
			require.NotContains(t, err.Error(), "\n", "there is one cause")
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, before, after, "the file is not ours, and was changed")
		})
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}
