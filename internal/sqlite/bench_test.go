package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/sqlite"
)

// BenchmarkUpdate counts durable updates by clients that wait for each answer.
func BenchmarkUpdate(b *testing.B) {
	for _, clients := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			db, err := sqlite.Open(b.Context(), sqlite.Config{
				Path: filepath.Join(b.TempDir(), "bench.db"),
				Schema: "CREATE TABLE counter " +
					"(id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT; " +
					"INSERT INTO counter VALUES (1, 0);",
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

// BenchmarkOverlappingReaders shows what it costs that the log is bounded: updates
// and reads in a second, the slowest of the reads, and the log.
func BenchmarkOverlappingReaders(b *testing.B) {
	for _, bounded := range []bool{false, true} {
		b.Run(fmt.Sprintf("bounded=%t", bounded), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "bench.db")
			db, err := sqlite.Open(b.Context(), sqlite.Config{Path: path, Schema: schema})
			require.NoError(b, err)
			if !bounded {
				db.Unbounded()
			}
			var took []time.Duration
			done, read := make(chan struct{}), make(chan []time.Duration)
			for range 8 {
				go func() { read <- readUntil(b, db, done) }()
			}
			b.ResetTimer()
			for b.Loop() {
				require.NoError(b, db.Update(b.Context(), run(note)))
			}
			b.StopTimer()
			close(done)
			for range 8 {
				took = append(took, <-read...)
			}
			slices.Sort(took)
			info, err := os.Stat(path + "-wal")
			require.NoError(b, err)
			b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "reads/s")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms/read")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms/read")
			b.ReportMetric(float64(info.Size())/1e6, "MB-log")
			require.NoError(b, db.Close())
		})
	}
}

// readUntil reads again and again, and returns how long each took.
func readUntil(b *testing.B, db *sqlite.DB, done <-chan struct{}) (took []time.Duration) {
	for {
		select {
		case <-done:
			return took
		default:
		}
		began, n := time.Now(), 0
		if err := db.View(b.Context(), into(&n, manyReads)); err != nil {
			b.Error(err)
			return took
		}
		took = append(took, time.Since(began))
	}
}
