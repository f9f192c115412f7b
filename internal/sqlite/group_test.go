package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/sqlite"
)

// together runs updates that have all been waiting for the same moment, in
// order, and returns what each was told. It is called in a bubble.
func together(t *testing.T, db *sqlite.DB, members ...func(*sqlite.Tx) error) []error {
	t.Helper()
	release := make(chan struct{})
	told := make([]chan error, len(members))
	for i, fn := range members {
		told[i] = make(chan error, 1)
		go func() {
			told[i] <- db.Update(t.Context(), func(tx *sqlite.Tx) error {
				<-release // the first keeps the others waiting
				return fn(tx)
			})
		}()
		synctest.Wait()
	}
	close(release)
	errs := make([]error, len(members))
	for i := range told {
		errs[i] = <-told[i]
	}
	return errs
}

func TestUpdatesThatWaitTogetherShareOneForcedWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		require.Equal(t, []error{nil, nil, nil}, together(t, db, insert, insert, insert))
		require.Equal(t, 3, items(t, db))
		require.EqualValues(t, 1, db.Forced())
	})
}

func TestNobodyIsAnsweredBeforeTheSharedCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		first, last, release := make(chan error, 1), make(chan error, 1), make(chan struct{})
		queued := make(chan struct{})
		go func() {
			first <- db.Update(t.Context(), func(tx *sqlite.Tx) error {
				<-queued
				return insert(tx)
			})
		}()
		synctest.Wait()
		go func() {
			last <- db.Update(t.Context(), func(tx *sqlite.Tx) error {
				<-release
				return insert(tx)
			})
		}()
		synctest.Wait()
		close(queued)
		synctest.Wait()
		require.Empty(t, first, "the first has done its part, and the last has not")
		require.Zero(t, items(t, db), "nothing is committed yet")
		close(release)
		require.NoError(t, <-first)
		require.NoError(t, <-last)
		require.Equal(t, 2, items(t, db))
	})
}

func TestARefusalIsNotAnsweredBeforeTheSharedCommitEither(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		soldOut := errors.New("sold out")
		errs := together(t, db, insert,
			func(tx *sqlite.Tx) error { // it refuses because of a row that will never be
				var n int
				require.NoError(t, into(&n, "SELECT count(*) FROM item")(tx))
				require.Equal(t, 1, n)
				return soldOut
			},
			run("INSERT OR ROLLBACK INTO item (id) VALUES (1)"))
		require.ErrorIs(t, errs[1], soldOut)
		require.ErrorIs(t, errs[1], sqlite.ErrUnknown,
			"what the refusal was due to may not be there")
	})
}

func TestAMembersOwnSavepointsAreItsOwnAffair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		errs := together(t, db,
			func(tx *sqlite.Tx) error {
				return errors.Join(insert(tx), run("SAVEPOINT member")(tx), insert(tx),
					io.ErrUnexpectedEOF)
			},
			func(tx *sqlite.Tx) error {
				return errors.Join(
					run("SAVEPOINT member")(tx),
					insert(tx),
					run("ROLLBACK TO member; RELEASE member")(tx),
					insert(tx),
				)
			})
		require.Equal(t, []error{errs[0], nil}, errs)
		require.ErrorIs(t, errs[0], io.ErrUnexpectedEOF)
		require.Equal(t, 1, items(t, db))
		requireUsable(t, db)
	})
}

func TestAGateThatPanicsLeavesNobodyWaiting(t *testing.T) {
	panics := func(bool, func() error) error { panic("mine") }
	db := open(t, sqlite.Config{Gate: gate{commit: panics}})
	require.PanicsWithValue(t, "mine", func() { _ = db.Update(t.Context(), insert) })
	require.ErrorIs(t, db.Update(t.Context(), insert), sqlite.ErrNotBegun)
	<-db.Failed()
}

func TestAMemberSeesWhatItsNeighbourHasDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		var seen int
		errs := together(t, db, insert, into(&seen, "SELECT count(*) FROM item"))
		require.Equal(t, []error{nil, nil}, errs)
		require.Equal(t, 1, seen)
	})
}

func TestAMemberThatIsUndoneUndoesNobodyElse(t *testing.T) {
	for _, row := range []struct {
		name, reason string
		fn           func(*sqlite.Tx) error
	}{
		{"its closure fails", io.ErrUnexpectedEOF.Error(), func(tx *sqlite.Tx) error {
			return errors.Join(insert(tx), io.ErrUnexpectedEOF)
		}},
		{"a statement fails", "no such table", func(tx *sqlite.Tx) error {
			return errors.Join(insert(tx), run("INSERT INTO nowhere VALUES (1)")(tx))
		}},
		{"its deferred foreign key is never made good", "FOREIGN KEY", func(tx *sqlite.Tx) error {
			return errors.Join(insert(tx), run("INSERT INTO child VALUES (99)")(tx))
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := open(t, sqlite.Config{})
				errs := together(t, db, insert, row.fn, insert)
				require.NoError(t, errs[0], "before it")
				require.ErrorContains(t, errs[1], row.reason)
				require.NotErrorIs(t, errs[1], sqlite.ErrUnknown)
				require.NoError(t, errs[2], "after it")
				require.Equal(t, 2, items(t, db))
				require.EqualValues(t, 1, db.Forced())
				requireUsable(t, db)
			})
		})
	}
}

func TestAForeignKeyThatIsPutOffByOneIsNotPutOffForTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{Schema: "CREATE TABLE item (id INTEGER PRIMARY KEY, note);" +
			"CREATE TABLE child (id REFERENCES item)"})
		var checked []error
		check := func(tx *sqlite.Tx) error {
			checked = append(checked, run("INSERT INTO child VALUES (99)")(tx))
			return nil
		}
		errs := together(t, db,
			run("PRAGMA defer_foreign_keys = ON; INSERT INTO child VALUES (7); "+
				"INSERT INTO item (id) VALUES (7)"),
			check,
			run("PRAGMA defer_foreign_keys = ON; INSERT INTO child VALUES (99)"),
			check,
			func(tx *sqlite.Tx) error {
				return errors.Join(run("PRAGMA defer_foreign_keys = ON")(tx), io.ErrUnexpectedEOF)
			},
			check,
		)
		require.NoError(t, errs[0], "made good in time")
		require.ErrorContains(t, errs[2], "FOREIGN KEY", "never made good")
		require.ErrorIs(t, errs[4], io.ErrUnexpectedEOF)
		require.Len(t, checked, 3)
		for _, err := range checked {
			require.ErrorContains(t, err, "FOREIGN KEY", "checked at once")
		}
		require.Equal(t, 1, items(t, db))
	})
}

// TestASchemaThatPutsOffAKeysCheckIsNoticed changes the schema of a database in which no
// check was put off before.
func TestASchemaThatPutsOffAKeysCheckIsNoticed(t *testing.T) {
	const key = "item REFERENCES item DEFERRABLE INITIALLY DEFERRED"
	for name, change := range map[string]string{
		"a new table":  "CREATE TABLE late (" + key + ")",
		"a new column": "CREATE TABLE late (note)",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := open(t, sqlite.Config{Schema: "CREATE TABLE item (id INTEGER PRIMARY KEY);"})
				require.NoError(t, db.Update(t.Context(), run(change)))
				add := func(*sqlite.Tx) error { return nil }
				if name == "a new column" {
					add = run("ALTER TABLE late ADD COLUMN " + key)
				}
				errs := together(t, db, insert, func(tx *sqlite.Tx) error {
					return errors.Join(add(tx), run("INSERT INTO late (item) VALUES (99)")(tx))
				}, insert)
				require.NoError(t, errs[0])
				require.ErrorContains(t, errs[1], "FOREIGN KEY")
				require.NoError(t, errs[2])
				requireUsable(t, db)
			})
		})
	}
}

// TestAStatementIsParsedOnce repeats updates: those that are forced, with what fails among
// them, and those that are not. PRAGMA synchronous, between the two, is parsed each time.
func TestAStatementIsParsedOnce(t *testing.T) {
	db := open(t, sqlite.Config{Schema: "CREATE TABLE item (id INTEGER PRIMARY KEY, note);"})
	parsed := 0
	require.NoError(t, db.OnParse(func() { parsed++ }))
	fn := func(tx *sqlite.Tx) error {
		_, err := tx.Exec("INSERT INTO item (note) VALUES (?)", "tea")
		return errors.Join(err, into(new(int), "SELECT count(*) FROM item")(tx))
	}
	fails := func(tx *sqlite.Tx) error { return errors.Join(fn(tx), io.ErrUnexpectedEOF) }
	for _, begin := range []transact{db.Update, db.UpdateUnforced} {
		for round := range 3 {
			parsed = 0
			require.NoError(t, begin(t.Context(), fn))
			require.ErrorIs(t, begin(t.Context(), fails), io.ErrUnexpectedEOF)
			if round == 0 {
				require.NotZero(t, parsed, "SQLite does not tell")
				continue
			}
			require.Zero(t, parsed, "statements are parsed again")
		}
	}
}

// TestAJoinOverAPartialIndexIsParsedForEachParameter shows why such a query has a subquery:
// SQLite looks at the parameter to see whether the index may serve, and plans anew.
func TestAJoinOverAPartialIndexIsParsedForEachParameter(t *testing.T) {
	db := open(t, sqlite.Config{Schema: `CREATE TABLE account (name TEXT PRIMARY KEY);
		CREATE TABLE lock (name TEXT, state TEXT);
		CREATE INDEX held ON lock (name) WHERE state = 'held';`})
	parsed := 0
	require.NoError(t, db.OnParse(func() { parsed++ }))
	count := func(query string) int {
		for _, name := range []string{"first", "second", "tea", "salt"} {
			if name == "tea" {
				parsed = 0
			}
			require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
				return tx.QueryRow(query, name).Scan(new(int))
			}))
		}
		return parsed
	}
	require.NotZero(t, count(`SELECT count(*) FROM account
		LEFT JOIN lock l ON l.name = account.name AND state = 'held' WHERE account.name = ?`))
	require.Zero(t, count(`SELECT count((SELECT state FROM lock l
			WHERE l.name = account.name AND state = 'held'))
		FROM account WHERE account.name = ?`))
}

func TestAMemberThatPanicsUndoesNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		hold, told, caught := make(chan struct{}), make(chan error, 2), make(chan any, 1)
		go func() {
			told <- db.Update(t.Context(), func(tx *sqlite.Tx) error { <-hold; return insert(tx) })
		}()
		synctest.Wait()
		go func() {
			defer func() { caught <- recover() }()
			_ = db.Update(t.Context(), func(tx *sqlite.Tx) error { _ = insert(tx); panic("mine") })
		}()
		synctest.Wait()
		go func() { told <- db.Update(t.Context(), insert) }()
		synctest.Wait()
		close(hold)
		require.Equal(t, "mine", <-caught)
		require.NoError(t, errors.Join(<-told, <-told))
		require.Equal(t, 2, items(t, db))
		requireUsable(t, db)
	})
}

func TestAMembersDeadlineIsItsOwnAffair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		hold, first, second := make(chan struct{}), make(chan error, 1), make(chan error, 1)
		go func() {
			first <- db.Update(ctx, func(tx *sqlite.Tx) error {
				<-hold
				cancel()
				return insert(tx)
			})
		}()
		synctest.Wait()
		go func() { second <- db.Update(t.Context(), insert) }()
		synctest.Wait()
		close(hold)
		require.NoError(t, <-first, "it had begun: hanging up does not tear it")
		require.NoError(t, <-second)
		require.Equal(t, 2, items(t, db))
	})
}

func TestWhatSQLiteEndsInTheMiddleIsUnknownToAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		errs := together(t, db, insert, run("INSERT OR ROLLBACK INTO item (id) VALUES (1)"), insert)
		require.ErrorIs(t, errs[0], sqlite.ErrUnknown, "before it")
		require.ErrorIs(t, errs[1], sqlite.ErrUnknown)
		require.ErrorContains(t, errs[1], "UNIQUE", "its own error is kept")
		require.ErrorIs(t, errs[2], sqlite.ErrNotBegun, "after it")
		<-db.Failed()
	})
}

func TestAGroupIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		members := make([]func(*sqlite.Tx) error, 130)
		for i := range members {
			members[i] = insert
		}
		require.NoError(t, errors.Join(together(t, db, members...)...))
		require.Equal(t, 130, items(t, db))
		require.EqualValues(t, 3, db.Forced(), "64, 64 and 2")
	})
}

func TestAForcedUpdateJoinsNoUnforcedGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		hold, told := make(chan struct{}), make(chan error, 3)
		wait := func(tx *sqlite.Tx) error { <-hold; return insert(tx) }
		for _, update := range []transact{db.UpdateUnforced, db.UpdateUnforced, db.Update} {
			go func() { told <- update(t.Context(), wait) }()
			synctest.Wait()
		}
		close(hold)
		require.NoError(t, errors.Join(<-told, <-told, <-told))
		require.EqualValues(t, 1, db.Forced())
	})
}

func TestALaboratoryLooksAtEachByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		commits := 0
		counts := func(_ bool, commit func() error) error { commits++; return commit() }
		db := open(t, sqlite.Config{Gate: gate{commit: counts}})
		require.Equal(t, []error{nil, nil, nil}, together(t, db, insert, insert, insert))
		require.Equal(t, 3, commits)
		require.EqualValues(t, 3, db.Forced())
	})
}

func TestATransactionThatHasEndedIsOfNoUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		var kept *sqlite.Tx
		require.Equal(t, []error{nil, nil}, together(t, db,
			func(tx *sqlite.Tx) error { kept = tx; return insert(tx) },
			func(*sqlite.Tx) error { // in the middle of another update
				_, err := kept.Exec("DELETE FROM item")
				require.ErrorIs(t, err, sql.ErrTxDone)
				require.ErrorIs(t, kept.QueryRow("SELECT 1").Scan(new(int)), sql.ErrTxDone)
				return nil
			},
		))
		require.Equal(t, 1, items(t, db))
	})
}

func TestCloseWaitsForAGroupAndJoinsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		hold, told, closed := make(chan struct{}), make(chan error, 2), make(chan error, 1)
		go func() {
			told <- db.Update(t.Context(), func(tx *sqlite.Tx) error { <-hold; return insert(tx) })
		}()
		synctest.Wait()
		go func() { closed <- db.Close() }()
		synctest.Wait()
		require.Empty(t, closed)
		close(hold)
		require.NoError(t, <-told)
		require.NoError(t, <-closed)
		require.ErrorIs(t, db.Update(t.Context(), insert), sqlite.ErrNotBegun)
	})
}

func TestAMemberThatPutsItsKeysOffAndOnAgainIsCheckedAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{Schema: "CREATE TABLE item (id INTEGER PRIMARY KEY, note);" +
			"CREATE TABLE child (id REFERENCES item)"})
		errs := together(t, db, insert, run("PRAGMA defer_foreign_keys = ON;"+
			"INSERT INTO child VALUES (99); PRAGMA defer_foreign_keys = OFF"), insert)
		require.NoError(t, errs[0])
		require.ErrorContains(t, errs[1], "FOREIGN KEY")
		require.NoError(t, errs[2])
		var broken int
		const ask = "SELECT count(*) FROM pragma_foreign_key_check"
		require.NoError(t, db.View(t.Context(), into(&broken, ask)))
		require.Zero(t, broken)
	})
}
