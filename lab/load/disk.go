package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"example.com/dtx/lab"
)

// pageSize is what Fsyncs writes before each fsync; in bytes. SQLite's is the same.
const pageSize = 4096

// Measured says where a benchmark was run: on which machine, and what its disk can do.
func Measured(ctx context.Context) (string, error) {
	perSecond, err := Fsyncs(ctx, 1000)
	return fmt.Sprintf(
		"measured on %d processors, %s, whose disk forces %.0f writes per second, one by one",
		runtime.NumCPU(), runtime.GOOS, perSecond), err
}

// Fsyncs returns how often in a second the disk can do what every durable
// commit waits for: one page is written and forced, n times one after the other.
func Fsyncs(ctx context.Context, n int) (perSecond float64, err error) {
	f, err := os.CreateTemp(lab.Disk(), "dtx")
	if err != nil {
		return 0, fmt.Errorf("make a file to force: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	page, began := make([]byte, pageSize), time.Now()
	for range n {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if _, err := f.WriteAt(page, 0); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}
