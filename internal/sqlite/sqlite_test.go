package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"example.com/dtx/internal/sqlite"
	"github.com/stretchr/testify/require"
)

const schema = `
CREATE TABLE item  (id INTEGER PRIMARY KEY, note TEXT UNIQUE);
CREATE TABLE child (item INTEGER REFERENCES item DEFERRABLE INITIALLY DEFERRED);`

// transact is a way to run a transaction: Update, UpdateUnforced or View.
type transact = func(context.Context, func(*sqlite.Tx) error) error

// gate is a Gate made of functions; those that are nil let all pass.
type gate struct {
	begin  func(context.Context) error
	commit func(forced bool, commit func() error) error
}

func (g gate) Begin(ctx context.Context, _ bool) error {
	if g.begin == nil {
		return nil
	}
	return g.begin(ctx)
}

func (g gate) Commit(_ context.Context, forced bool, commit func() error) error {
	if g.commit == nil {
		return commit()
	}
	return g.commit(forced, commit)
}

// open opens the shop's database of a test, and closes it when the test ends.
func open(t *testing.T, c sqlite.Config) *sqlite.DB {
	t.Helper()
	if c.Path == "" {
		c.Path = filepath.Join(t.TempDir(), "shop.db")
	}
	if c.Schema == "" {
		c.Schema = schema
	}
	db, err := sqlite.Open(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// insert is a transaction that inserts one item.
func insert(tx *sqlite.Tx) error {
	_, err := tx.Exec("INSERT INTO item DEFAULT VALUES")
	return err
}

// nothing is a transaction that does nothing.
func nothing(*sqlite.Tx) error { return nil }

// into is a transaction that reads one value.
func into(value any, query string) func(*sqlite.Tx) error {
	return func(tx *sqlite.Tx) error { return tx.QueryRow(query).Scan(value) }
}

// items counts the items that a reader of the database sees.
func items(t *testing.T, db *sqlite.DB) (n int) {
	t.Helper()
	require.NoError(t, db.View(t.Context(), into(&n, "SELECT count(*) FROM item")))
	return n
}

// requireFailed says that the outcome of a commit is unknown, and what follows.
func requireFailed(t *testing.T, db *sqlite.DB, err error) {
	t.Helper()
	require.ErrorIs(t, err, sqlite.ErrUnknown)
	require.NotErrorIs(t, err, sqlite.ErrNotBegun)
	require.True(t, unknown(t, err))
	select {
	case <-db.Failed():
	default:
		require.Fail(t, "Failed is not closed")
	}
	never := func(*sqlite.Tx) error { t.Error("a failed database took work"); return nil }
	for _, begin := range []transact{db.Update, db.UpdateUnforced, db.View} {
		err := begin(t.Context(), never)
		require.ErrorIs(t, err, sqlite.ErrNotBegun)
		require.False(t, unknown(t, err))
	}
}

// requireUsable says that the database works as if nothing had happened.
func requireUsable(t *testing.T, db *sqlite.DB) {
	t.Helper()
	select {
	case <-db.Failed():
		require.Fail(t, "Failed is closed")
	default:
	}
	before := items(t, db)
	require.NoError(t, db.Update(t.Context(), insert))
	require.Equal(t, before+1, items(t, db))
}

// unknown asks as an HTTP server does.
func unknown(t *testing.T, err error) bool {
	t.Helper()
	outcome, ok := errors.AsType[interface {
		error
		Unknown() bool
	}](err)
	require.True(t, ok)
	return outcome.Unknown()
}

func TestTheConnectionThatCommitsHasTheDurableSettings(t *testing.T) {
	db := open(t, sqlite.Config{})
	settings := func(begin func(context.Context, func(*sqlite.Tx) error) error) (s [5]string) {
		require.NoError(t, begin(t.Context(), func(tx *sqlite.Tx) error {
			for i, pragma := range []string{
				"journal_mode", "foreign_keys", "fullfsync", "busy_timeout", "synchronous",
			} {
				require.NoError(t, into(&s[i], "PRAGMA "+pragma)(tx))
			}
			return nil
		}))
		return s
	}
	full, normal := [5]string{"wal", "1", "1", "0", "2"}, [5]string{"wal", "1", "1", "0", "1"}
	require.Equal(t, full, settings(db.Update))
	require.Equal(t, normal, settings(db.UpdateUnforced))
	require.Equal(t, full, settings(db.Update), "the unforced one must not leave its level behind")
}

func TestADatabaseThatCannotHaveTheSettingsIsNotOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	require.NoError(t, open(t, sqlite.Config{Path: path}).Close())
	header, err := os.ReadFile(path)
	require.NoError(t, err)
	header[18], header[19] = 1, 1 // not in WAL mode any more: opening has to change that
	require.NoError(t, os.WriteFile(path, header, 0o600))
	require.NoError(t, sqlite.Inspect(t.Context(), path, func(tx *sqlite.Tx) error {
		var n int
		require.NoError(t, into(&n, "SELECT count(*) FROM item")(tx)) // a reader keeps it from that
		_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
		require.ErrorContains(t, err, "locked")
		return nil
	}))
	requireUsable(t, open(t, sqlite.Config{Path: path}))
}

func TestAnyPathLeadsToTheFileOfThatName(t *testing.T) {
	for _, row := range []struct{ name, reason string }{
		{"two words.db", "a blank must not become + or %20"},
		{"50%41.db", "an escape must not be undone"},
		{"what?mode=memory", "the rest is not a setting"},
		{"what?_query_only=on", "nor one for the driver"},
		{"number#1.db", "the rest is not a fragment"},
		{"a+b&c=d;e.db", "neither is this a query"},
		{"Bücher/日本.db", "a folder, and letters beyond ASCII"},
		{":memory:", "a name like any other"},
		{"file:x.db", "no URI within the URI"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.ContainsAny(row.name, "?:") {
				t.Skip("Windows forbids this name")
			}
			path := filepath.Join(t.TempDir(), row.name)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
			db := open(t, sqlite.Config{Path: path})
			require.FileExists(t, path, row.reason)
			requireUsable(t, db)
			require.NoError(t, db.Close())
			files, err := os.ReadDir(filepath.Dir(path))
			require.NoError(t, err)
			require.Len(t, files, 1, row.reason)
			var n int
			count := into(&n, "SELECT count(*) FROM item")
			require.NoError(t, sqlite.Inspect(t.Context(), path, count))
			require.Equal(t, 1, n)
		})
	}
}

func TestARelativePathIsMeantFromWhereTheDatabaseWasOpened(t *testing.T) {
	t.Chdir(t.TempDir())
	db := open(t, sqlite.Config{Path: "shop.db"})
	require.FileExists(t, "shop.db")
	t.Chdir(t.TempDir()) // before the first reader connects
	requireUsable(t, db)
	require.NoFileExists(t, "shop.db")
}

func TestADatabaseThatCannotBeMadeIsAnError(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere", "shop.db")
	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: nowhere, Schema: schema})
	require.ErrorContains(t, err, "shop.db")
	_, err = sqlite.Open(t.Context(), sqlite.Config{Path: t.TempDir(), Schema: schema})
	require.Error(t, err, "a folder is no database")
}

func TestTheSchemaIsAppliedOnce(t *testing.T) {
	c := sqlite.Config{
		Path:   filepath.Join(t.TempDir(), "shop.db"),
		Schema: schema + "INSERT INTO item DEFAULT VALUES",
	}
	for range 2 {
		db := open(t, c)
		require.Equal(t, 1, items(t, db))
		require.Zero(t, db.Forced(), "the schema is not counted")
		require.NoError(t, db.Close())
	}
	c.Schema = "nonsense"
	require.Equal(t, 1, items(t, open(t, c)),
		"the schema of a database that is there is not looked at")
}

func TestASchemaMayEndInAComment(t *testing.T) {
	requireUsable(t, open(t, sqlite.Config{Schema: schema + "-- the end"}))
}

func TestAFailingSchemaLeavesNothingBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	synctest.Test(t, func(t *testing.T) { // it ends only when all goroutines have ended
		_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Schema: schema + "nonsense"})
		require.ErrorContains(t, err, "apply the schema")
		require.ErrorContains(t, err, path)
	})
	require.NoFileExists(t, path+"-wal", "the last connection that is closed removes it")
	requireUsable(t, open(t, sqlite.Config{Path: path}))
}

func TestAnOpeningGivenUpLeavesNothingBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	synctest.Test(t, func(t *testing.T) {
		_, err := sqlite.Open(ctx, sqlite.Config{Path: path, Schema: schema})
		require.ErrorIs(t, err, context.Canceled)
	})
	requireUsable(t, open(t, sqlite.Config{Path: path}))
}

func TestCloseEndsAllGoroutinesAndConnections(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	synctest.Test(t, func(t *testing.T) { // it ends only when all goroutines have ended
		db := open(t, sqlite.Config{Path: path})
		requireUsable(t, db)
		require.FileExists(t, path+"-wal")
		require.NoError(t, db.Close())
		require.NoFileExists(t, path+"-wal", "the last connection that is closed removes it")
		require.NoError(t, db.Close(), "again")
		require.ErrorIs(t, db.Update(t.Context(), insert), sqlite.ErrNotBegun)
		require.ErrorIs(t, db.View(t.Context(), nothing), sqlite.ErrNotBegun)
	})
}

func TestCloseWaitsForTransactionsThatAreUnderWay(t *testing.T) {
	type method = func(*sqlite.DB, context.Context, func(*sqlite.Tx) error) error
	for name, begin := range map[string]method{
		"update": (*sqlite.DB).Update,
		"view":   (*sqlite.DB).View,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "shop.db")
			synctest.Test(t, func(t *testing.T) {
				db := open(t, sqlite.Config{Path: path})
				const two = 2 // of each
				release, order := make(chan struct{}), make(chan string, 2*two)
				for range two {
					go func() {
						err := begin(db, t.Context(), func(tx *sqlite.Tx) error {
							<-release
							order <- "transaction"
							return into(new(int), "SELECT count(*) FROM item")(tx)
						})
						if err != nil {
							t.Error(err)
						}
					}()
				}
				synctest.Wait()
				for range two {
					go func() {
						if err := db.Close(); err != nil {
							t.Error(err)
						}
						order <- "closed"
					}()
					synctest.Wait()
				}
				for range two {
					require.NotContains(t, drain(order), "closed")
					release <- struct{}{}
					synctest.Wait()
				}
				require.Equal(t, []string{"transaction", "closed", "closed"}, drain(order))
				require.NoFileExists(t, path+"-wal")
			})
		})
	}
}

// drain takes what is in a channel.
func drain(c chan string) (list []string) {
	for len(c) > 0 {
		list = append(list, <-c)
	}
	return list
}

func TestInspectReadsPastTheOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	db := open(t, sqlite.Config{Path: path})
	require.NoError(t, db.Update(t.Context(), insert))
	require.NoError(t, db.UpdateUnforced(t.Context(), insert))
	count := func() (n int) {
		require.NoError(t, sqlite.Inspect(t.Context(), path, into(&n, "SELECT count(*) FROM item")))
		return n
	}
	require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
		require.NoError(t, insert(tx))
		require.Equal(t, 2, count(), "what is not committed is not true")
		return nil
	}))
	require.Equal(t, 3, count())
	require.ErrorContains(t, sqlite.Inspect(t.Context(), path, insert), "readonly")
	require.NoError(t, db.Close())
	require.Equal(t, 3, count())
}

// TestInspectLeavesTheLogOfADeadProcessAsItIs matters because a power cut may cut off
// a log that is not forced yet: an audit must not make it durable.
func TestInspectLeavesTheLogOfADeadProcessAsItIs(t *testing.T) {
	path, dead := filepath.Join(t.TempDir(), "shop.db"), filepath.Join(t.TempDir(), "shop.db")
	require.NoError(t, open(t, sqlite.Config{Path: path}).Update(t.Context(), insert))
	left := map[string][]byte{} // by a kill
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		require.NoError(t, err)
		left[suffix] = content
		require.NoError(t, os.WriteFile(dead+suffix, content, 0o600))
	}
	var n int
	require.NoError(t, sqlite.Inspect(t.Context(), dead, into(&n, "SELECT count(*) FROM item")))
	require.Equal(t, 1, n)
	for suffix, content := range left {
		found, err := os.ReadFile(dead + suffix)
		require.NoError(t, err)
		require.Equal(t, content, found, "shop.db%s", suffix)
	}
}

func TestInspectMakesNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	require.ErrorIs(t, sqlite.Inspect(t.Context(), path, nothing), sqlite.ErrNotBegun)
	require.NoFileExists(t, path)
}

func TestInspectEndsAllGoroutines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	require.NoError(t, open(t, sqlite.Config{Path: path}).Close())
	mine := errors.New("mine")
	synctest.Test(t, func(t *testing.T) {
		require.NoError(t, sqlite.Inspect(t.Context(), path, nothing))
		fails := func(*sqlite.Tx) error { return mine }
		require.ErrorIs(t, sqlite.Inspect(t.Context(), path, fails), mine)
	})
}
