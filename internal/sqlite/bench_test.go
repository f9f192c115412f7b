package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/sqlite"
)

// BenchmarkUpdate counts durable updates by clients that wait for each answer.
func BenchmarkUpdate(b *testing.B) {
	for _, clients := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			db, err := sqlite.Open(b.Context(), sqlite.Config{
				Path:   filepath.Join(b.TempDir(), "bench.db"),
				Schema: "CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT; INSERT INTO counter VALUES (1, 0);",
			})
			require.NoError(b, err)
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			done := make(chan error, clients)
			for range clients {
				go func() {
					for left.Add(-1) >= 0 {
						err := db.Update(b.Context(), func(tx *sqlite.Tx) error {
							_, err := tx.Exec("UPDATE counter SET n = n + 1 WHERE id = 1")
							return err
						})
						if err != nil {
							done <- err
							return
						}
					}
					done <- nil
				}()
			}
			for range clients {
				require.NoError(b, <-done)
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
			b.ReportMetric(float64(db.Forced())/float64(b.N), "fsyncs/update")
			require.NoError(b, db.Close())
		})
	}
}

// BenchmarkFsync is what the disk can do: one page written and forced, again
// and again.
func BenchmarkFsync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "file"))
	require.NoError(b, err)
	page := make([]byte, 4096)
	for b.Loop() {
		_, err := f.WriteAt(page, 0)
		require.NoError(b, err)
		require.NoError(b, f.Sync())
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "fsyncs/s")
	require.NoError(b, f.Close())
}
