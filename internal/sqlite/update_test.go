package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"example.com/dtx/internal/sqlite"
	"github.com/stretchr/testify/require"
)

func TestAnUpdateIsThereWhenTheFilesOfADeadProcessAreOpened(t *testing.T) {
	path, dead := filepath.Join(t.TempDir(), "shop.db"), filepath.Join(t.TempDir(), "shop.db")
	db := open(t, sqlite.Config{Path: path})
	require.NoError(t, db.Update(t.Context(), insert))
	require.NoError(t, db.UpdateUnforced(t.Context(), insert))
	for _, suffix := range []string{"", "-wal"} { // what a kill leaves
		content, err := os.ReadFile(path + suffix)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(dead+suffix, content, 0o600))
	}
	require.Equal(t, 2, items(t, open(t, sqlite.Config{Path: dead})))
}

func TestAnErrorUndoesTheUpdateAndIsReturnedAsItIs(t *testing.T) {
	db := open(t, sqlite.Config{})
	for _, begin := range []transact{db.Update, db.UpdateUnforced} {
		err := begin(t.Context(), func(tx *sqlite.Tx) error {
			require.NoError(t, insert(tx))
			return io.ErrUnexpectedEOF
		})
		require.Equal(t, io.ErrUnexpectedEOF, err)
		require.Zero(t, items(t, db))
	}
	require.Zero(t, db.Forced())
	requireUsable(t, db)
}

func TestAPanicUndoesTheTransactionAndGoesOnUp(t *testing.T) {
	db := open(t, sqlite.Config{})
	for _, begin := range []transact{db.Update, db.UpdateUnforced, db.View} {
		require.PanicsWithValue(t, "mine", func() {
			_ = begin(t.Context(), func(tx *sqlite.Tx) error {
				_ = insert(tx)
				panic("mine")
			})
		})
		require.Zero(t, items(t, db))
	}
	requireUsable(t, db)
}

func TestForcedCountsForcedCommits(t *testing.T) {
	var seen []bool
	db := open(t, sqlite.Config{Gate: gate{commit: func(forced bool, commit func() error) error {
		seen = append(seen, forced)
		return commit()
	}}})
	for i, step := range []struct {
		begin  func(context.Context, func(*sqlite.Tx) error) error
		fn     func(*sqlite.Tx) error
		gate   []bool
		forced int64
		reason string
	}{
		{db.Update, insert, []bool{true}, 1, "an ordinary one"},
		{db.UpdateUnforced, insert, []bool{false}, 1, "it costs no fsync"},
		{db.Update, insert, []bool{true}, 2, "forced again"},
		{db.Update, nothing, nil, 2, "there is nothing to force"},
		{db.Update, into(new(int), "SELECT count(*) FROM item"), nil, 2, "it only reads"},
		{db.Update, run("UPDATE item SET note = 'x' WHERE id = 99"), nil, 2, "no row was meant"},
		{db.UpdateUnforced, nothing, nil, 2, "nor here"},
		{db.Update, run("CREATE TABLE late (x)"), []bool{true}, 3,
			"no row changes, but the schema does"},
		{db.Update, run("CREATE TABLE IF NOT EXISTS late (x)"), nil, 3, "it is there already"},
		{db.Update, run("DELETE FROM item"), []bool{true}, 4, "all rows at once"},
	} {
		seen = nil
		require.NoError(t, step.begin(t.Context(), step.fn), i)
		require.Equal(t, step.gate, seen, step.reason)
		require.Equal(t, step.forced, db.Forced(), step.reason)
	}
}

// run is a transaction of one statement.
func run(statement string) func(*sqlite.Tx) error {
	return func(tx *sqlite.Tx) error {
		_, err := tx.Exec(statement)
		return err
	}
}

func TestAGateKeepsATransactionFromBeginning(t *testing.T) {
	mine := errors.New("mine")
	db := open(t, sqlite.Config{Gate: gate{begin: func(context.Context) error { return mine }}})
	err := db.Update(t.Context(), func(*sqlite.Tx) error { t.Error("begun"); return nil })
	require.ErrorIs(t, err, sqlite.ErrNotBegun)
	require.ErrorIs(t, err, mine)
	require.False(t, unknown(t, err))
	require.Zero(t, items(t, db), "readers do not pass the gate")
}

func TestAFailedCommitIsUnknown(t *testing.T) {
	for _, row := range []struct {
		name   string
		commit func(commit func() error) error
		true   int
	}{
		{"not applied", func(func() error) error { return io.ErrShortWrite }, 1},
		{"applied", func(commit func() error) error {
			return errors.Join(commit(), io.ErrShortWrite)
		}, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "shop.db")
			db := open(t, sqlite.Config{Path: path})
			require.NoError(t, db.Update(t.Context(), insert))
			require.NoError(t, db.Close())

			failing := func(_ bool, commit func() error) error { return row.commit(commit) }
			db = open(t, sqlite.Config{Path: path, Gate: gate{commit: failing}})
			err := db.Update(t.Context(), insert)
			require.ErrorIs(t, err, io.ErrShortWrite)
			requireFailed(t, db, err)
			require.Equal(t, int64(row.true-1), db.Forced(),
				"counted is what was done, not what was told")
			require.NoError(t, db.Close())

			db = open(t, sqlite.Config{Path: path})
			require.Equal(t, row.true, items(t, db))
			requireUsable(t, db)
		})
	}
}

func TestARefusedCommitIsNotDone(t *testing.T) {
	wrap := gate{commit: func(_ bool, commit func() error) error {
		if err := commit(); err != nil {
			return fmt.Errorf("wrapped: %w", err)
		}
		return nil
	}}
	for _, row := range []struct {
		name, reason string
		fn           func(*sqlite.Tx) error
	}{
		{"deferred foreign key", "FOREIGN KEY",
			run("INSERT INTO item DEFAULT VALUES; INSERT INTO child VALUES (99)")},
	} {
		for name, g := range map[string]sqlite.Gate{"no gate": nil, "a gate": wrap} {
			t.Run(row.name+", "+name, func(t *testing.T) {
				db := open(t, sqlite.Config{Gate: g})
				err := db.Update(t.Context(), row.fn)
				require.ErrorContains(t, err, "nothing done")
				require.ErrorContains(t, err, row.reason)
				require.NotErrorIs(t, err, sqlite.ErrUnknown)
				require.Zero(t, items(t, db))
				require.Zero(t, db.Forced())
				requireUsable(t, db)
			})
		}
	}
}

func TestRowsThatAreLeftOpenKeepNobodyFromCommitting(t *testing.T) {
	db := open(t, sqlite.Config{})
	require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
		rows, err := tx.Query("INSERT INTO item (note) VALUES ('a'), ('b') RETURNING id")
		require.NoError(t, err)
		require.True(t, rows.Next())
		return nil
	}))
	require.Equal(t, 2, items(t, db))
	requireUsable(t, db)
}

func TestATransactionThatEndsInTheMiddleIsUnknown(t *testing.T) {
	for name, end := range map[string]string{
		"COMMIT by hand":          "COMMIT",
		"ROLLBACK by hand":        "ROLLBACK",
		"ended by SQLite":         "INSERT OR ROLLBACK INTO item (note) VALUES ('twin')",
		"COMMIT hidden in a list": "SELECT 1; COMMIT; SELECT 2",
	} {
		for _, told := range []error{nil, io.ErrUnexpectedEOF} {
			t.Run(fmt.Sprintf("%s, fn returns %v", name, told), func(t *testing.T) {
				const twin = "INSERT INTO item (note) VALUES ('twin')"
				db := open(t, sqlite.Config{Schema: schema + twin})
				err := db.Update(t.Context(), func(tx *sqlite.Tx) error {
					require.NoError(t, insert(tx))
					_, _ = tx.Exec(end)
					_, _ = tx.Exec("INSERT INTO item DEFAULT VALUES") // committed at once
					return told
				})
				if told != nil {
					require.ErrorIs(t, err, told)
				}
				requireFailed(t, db, err)
			})
		}
	}
}

func TestAStatementThatFailsLeavesTheRestOfTheTransaction(t *testing.T) {
	db := open(t, sqlite.Config{Schema: schema + "INSERT INTO item (note) VALUES ('twin')"})
	require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
		require.NoError(t, insert(tx))
		require.Error(t, run("INSERT INTO item (note) VALUES ('twin')")(tx))
		require.Error(t, run("PRAGMA synchronous = OFF")(tx),
			"the level holds for the whole transaction")
		return insert(tx)
	}))
	require.Equal(t, 3, items(t, db))
	require.Equal(t, int64(1), db.Forced())
}

func TestRowsLeftOpenEndWithTheTransaction(t *testing.T) {
	db := open(t, sqlite.Config{Schema: schema + "INSERT INTO item (note) VALUES ('a'), ('b')"})
	for _, begin := range []transact{db.Update, db.View} {
		var next func() bool
		require.NoError(t, begin(t.Context(), func(tx *sqlite.Tx) error {
			rows, err := tx.Query("SELECT id FROM item")
			require.NoError(t, err)
			require.True(t, rows.Next())
			next = rows.Next
			return rows.Err()
		}))
		require.False(t, next())
		requireUsable(t, db)
	}
}

func TestATransactionIsOfNoUseAfterItsEnd(t *testing.T) {
	db := open(t, sqlite.Config{})
	for _, begin := range []transact{db.Update, db.View} {
		var kept *sqlite.Tx
		require.NoError(t, begin(t.Context(), func(tx *sqlite.Tx) error { kept = tx; return nil }))
		require.Error(t, insert(kept))
		require.Error(t, into(new(int), "SELECT 1")(kept))
		_, err := kept.Query("SELECT 1")
		require.Error(t, err)
		require.Zero(t, items(t, db))
	}
	requireUsable(t, db)
}

func TestACallerWhoHasGoneBeginsNothing(t *testing.T) {
	db := open(t, sqlite.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// A free connection must not win against the cancelled context, not even sometimes.
	for range 20 {
		for _, begin := range []transact{db.Update, db.UpdateUnforced, db.View} {
			err := begin(ctx, func(*sqlite.Tx) error { t.Error("begun"); return nil })
			require.ErrorIs(t, err, sqlite.ErrNotBegun)
			require.ErrorIs(t, err, context.Canceled)
		}
	}
	requireUsable(t, db)
}

func TestACallerWhoGoesCannotTearAnUpdate(t *testing.T) {
	db := open(t, sqlite.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	require.NoError(t, db.Update(ctx, func(tx *sqlite.Tx) error {
		require.NoError(t, insert(tx))
		cancel()
		require.NoError(t, into(new(int), "SELECT count(*) FROM item")(tx))
		return insert(tx)
	}))
	require.Equal(t, 2, items(t, db))
}
