package sqlite_test

import (
	"context"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/dtx/internal/sqlite"
	"github.com/stretchr/testify/require"
)

const writers = 64

func TestWritersQueueInsteadOfFighting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		release := make(chan struct{})
		for range writers {
			go func() {
				// It reads first: without the write lock from the start, two of them would
				// count the same.
				err := db.Update(t.Context(), func(tx *sqlite.Tx) error {
					<-release // the first keeps the others waiting
					var n int
					if err := into(&n, "SELECT count(*) FROM item")(tx); err != nil {
						return err
					}
					_, err := tx.Exec("INSERT INTO item (id) VALUES (?)", n+1)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		close(release)
		synctest.Wait()
		require.Equal(t, writers, items(t, db))
		require.Equal(t, int64(1), db.Forced(), "those who wait together share a commit")
	})
}

func TestWritersAreServedInTheOrderInWhichTheyCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		release := make(chan struct{})
		var want, got []int
		for i := range writers {
			want = append(want, i)
			go func() {
				err := db.UpdateUnforced(t.Context(), func(tx *sqlite.Tx) error {
					<-release // the first keeps the others waiting
					got = append(got, i)
					return insert(tx)
				})
				if err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		close(release)
		synctest.Wait()
		require.Equal(t, want, got)
	})
}

func TestACallerCanLeaveTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
			ctx, cancel := context.WithCancel(t.Context())
			left := make(chan error, 1)
			go func() {
				left <- db.Update(ctx, func(*sqlite.Tx) error { t.Error("begun"); return nil })
			}()
			synctest.Wait()
			require.Empty(t, left, "it waits")
			cancel()
			err := <-left
			require.ErrorIs(t, err, sqlite.ErrNotBegun)
			require.ErrorIs(t, err, context.Canceled)
			return insert(tx)
		}))
		requireUsable(t, db)
	})
}

func TestAnUpdateWithinAnUpdateWaitsUntilItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // takes no time here
			defer cancel()
			err := db.Update(ctx, insert)
			require.ErrorIs(t, err, sqlite.ErrNotBegun)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			return insert(tx)
		}))
		require.Equal(t, 1, items(t, db))
		requireUsable(t, db)
	})
}

func TestAnUpdateThatWaitedWhileACommitFailedDoesNotBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		db := open(t, sqlite.Config{Gate: gate{commit: func(bool, func() error) error {
			<-release
			return io.ErrShortWrite
		}}})
		failed, waited := make(chan error, 1), make(chan error, 1)
		go func() { failed <- db.Update(t.Context(), insert) }()
		synctest.Wait()
		go func() {
			waited <- db.Update(t.Context(), func(*sqlite.Tx) error {
				t.Error("begun")
				return nil
			})
		}()
		synctest.Wait()
		close(release)
		require.ErrorIs(t, <-waited, sqlite.ErrNotBegun)
		requireFailed(t, db, <-failed)
	})
}

func TestAStrangerWithTheLockIsSeenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	db, stranger := open(t, sqlite.Config{Path: path}), open(t, sqlite.Config{Path: path})
	require.NoError(t, stranger.Update(t.Context(), func(tx *sqlite.Tx) error {
		require.NoError(t, insert(tx))
		err := db.Update(t.Context(), insert)
		require.ErrorIs(t, err, sqlite.ErrNotBegun)
		require.ErrorContains(t, err, "locked")
		return nil
	}))
	requireUsable(t, db)
}

func TestAReaderDoesNotWaitForAWriter(t *testing.T) {
	db := open(t, sqlite.Config{})
	require.NoError(t, db.Update(t.Context(), func(tx *sqlite.Tx) error {
		require.NoError(t, insert(tx))
		require.Zero(t, items(t, db), "what is not committed is not seen")
		return nil
	}))
	require.Equal(t, 1, items(t, db))
}

func TestAReaderSeesASnapshot(t *testing.T) {
	db := open(t, sqlite.Config{})
	require.NoError(t, db.View(t.Context(), func(tx *sqlite.Tx) error {
		for range 3 {
			var n int
			require.NoError(t, into(&n, "SELECT count(*) FROM item")(tx))
			require.Zero(t, n)
			require.NoError(t, db.Update(t.Context(), insert),
				"a writer does not wait for a reader either")
		}
		return nil
	}))
	require.Equal(t, 3, items(t, db))
}

func TestReadersReadAtTheSameTimeAndAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Config{})
		release := make(chan struct{})
		reading := 0
		var mu sync.Mutex
		for range 20 {
			go func() {
				err := db.View(t.Context(), func(tx *sqlite.Tx) error {
					mu.Lock()
					reading++
					mu.Unlock()
					<-release
					return into(new(int), "SELECT count(*) FROM item")(tx)
				})
				if err != nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		require.Equal(t, 4, reading)
		close(release)
		synctest.Wait()
		require.Equal(t, 20, reading)
	})
}

func TestAReaderCannotWrite(t *testing.T) {
	db := open(t, sqlite.Config{})
	for _, statement := range []string{
		"INSERT INTO item DEFAULT VALUES", "DELETE FROM item", "CREATE TABLE t (x)",
		"DROP TABLE item",
	} {
		require.ErrorContains(t, db.View(t.Context(), run(statement)), "readonly", statement)
	}
	requireUsable(t, db)
}

func TestTheContextEndsAView(t *testing.T) {
	db := open(t, sqlite.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, db.View(ctx, func(tx *sqlite.Tx) error {
		cancel()
		return into(new(int), "SELECT count(*) FROM item")(tx)
	}), context.Canceled)

	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	const endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) " +
		"SELECT count(*) FROM n"
	err := db.View(ctx, into(new(int), endless))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, sqlite.ErrNotBegun, "a read does nothing")
	requireUsable(t, db)
}

func TestAViewReturnsTheErrorAsItIs(t *testing.T) {
	db := open(t, sqlite.Config{})
	err := db.View(t.Context(), func(*sqlite.Tx) error { return io.ErrUnexpectedEOF })
	require.Equal(t, io.ErrUnexpectedEOF, err)
}
