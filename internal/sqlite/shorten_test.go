package sqlite_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/sqlite"
)

// note is an update of 8 kB.
const note = "INSERT INTO item (note) VALUES (hex(randomblob(4000)))"

// manyReads is a query that takes some time.
const manyReads = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
	SELECT count(*) + (SELECT count(*) FROM item) FROM n`

func TestReadersThatOverlapDoNotLetTheLogGrow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	db := open(t, sqlite.Config{Path: path})
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 8 { // twice as many as there are connections: one is always reading
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				var n int
				if err := db.View(t.Context(), into(&n, manyReads)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	longest, anew := int64(0), 0
	for before, i := int64(0), 0; i < 1500; i++ {
		require.NoError(t, db.UpdateUnforced(t.Context(), run(note)))
		info, err := os.Stat(path + "-wal")
		require.NoError(t, err)
		longest = max(longest, info.Size())
		if info.Size() < before {
			anew++
		}
		before = info.Size()
	}
	close(done)
	wg.Wait()
	t.Logf("longest log: %d bytes; begun anew %d times", longest, anew)
	const most = 11 << 20 // bytes: it may grow once more if the readers do not end in time
	require.LessOrEqual(t, longest, int64(most), "bytes, though 12 MB were written")
	require.Positive(t, anew, "it was never too long: this test shows nothing")
}

func TestAReaderThatStaysKeepsNoWriterWaiting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	db := open(t, sqlite.Config{Path: path})
	require.NoError(t, db.View(t.Context(), func(tx *sqlite.Tx) error {
		require.NoError(t, into(new(int), "SELECT count(*) FROM item")(tx))
		for range 1500 { // 12 MB
			require.NoError(t, db.UpdateUnforced(t.Context(), run(note)))
		}
		return nil
	}))
	require.Equal(t, 1500, items(t, db))
}
