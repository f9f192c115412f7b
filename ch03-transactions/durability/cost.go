package durability

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Price is how often a second one client can do something, one after another.
type Price struct {
	What      string  // a level, or "fsync alone"
	PerSecond float64 // commits, or fsyncs
	Ratio     float64 // ratio to FULL
}

// Prices stand side by side, because they were measured in turn in one run.
type Prices []Price

// Rows is a table of the prices. Only their ratios mean anything on another
// machine.
func (all Prices) Rows() [][]string {
	rows := [][]string{{"synchronous", "commits a second", "as a multiple of FULL"}}
	for _, p := range all {
		rows = append(rows, []string{
			p.What, fmt.Sprintf("%.0f", p.PerSecond), fmt.Sprintf("%.1f", p.Ratio),
		})
	}
	return rows
}

// rounds is how often each takes its turn: a machine that is busy with
// something else for a moment is so for all of them.
const rounds = 10

// Cost measures for about the time d how many commits a second each level
// allows, and beside them how often the disk can be forced to keep one page
// that is written again and again. It works in dir, and leaves nothing there.
//
// On macOS a plain fsync leaves the page in the drive's cache. Go asks for
// more; so does SQLite here, through PRAGMA fullfsync.
func Cost(ctx context.Context, dir string, d time.Duration) (all Prices, err error) {
	err = inFolder(ctx, dir, func(path string) (err error) {
		var runners []*runner
		defer func() {
			for _, r := range runners {
				err = errors.Join(err, r.close())
			}
		}()
		for _, l := range Levels() {
			r, err := committer(ctx, filepath.Join(filepath.Dir(path), string(l)), l, grown)
			if err != nil {
				return err
			}
			runners = append(runners, r)
		}
		r, err := committer(ctx, filepath.Join(filepath.Dir(path), "grows"), Full, growing)
		if err != nil {
			return err
		}
		r.what += ", the log grows"
		runners = append(runners, r)
		r, err = forcer(filepath.Join(filepath.Dir(path), "page"))
		if err != nil {
			return err
		}
		runners = append(runners, r)
		for range rounds {
			for _, r := range runners {
				if err := r.run(ctx, d/time.Duration(rounds*len(runners))); err != nil {
					return fmt.Errorf("%s: %w", r.what, err)
				}
			}
		}
		full := runners[0].rate()
		for _, r := range runners {
			all = append(all, Price{What: r.what, PerSecond: r.rate(), Ratio: r.rate() / full})
		}
		return nil
	})
	return all, err
}

// runner does one thing again and again, and takes the time.
type runner struct {
	what  string
	do    func() error
	close func() error
	done  int
	spent time.Duration
}

// run does it at least once.
func (r *runner) run(ctx context.Context, d time.Duration) error {
	began := time.Now()
	defer func() { r.spent += time.Since(began) }()
	for first := true; first || time.Since(began) < d; first = false {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.do(); err != nil {
			return err
		}
		r.done++
	}
	return nil
}

func (r *runner) rate() float64 { return float64(r.done) / r.spent.Seconds() }

// A file that grows takes longer to force: its new length is forced, too.
const (
	// grown is the log of a database that has been in use: longer than the 1000 pages at
	// which SQLite begins it anew.
	grown = `CREATE TABLE ballast (x BLOB); INSERT INTO ballast VALUES (zeroblob(5000000))`
	// growing is a log that is never begun anew.
	growing = "PRAGMA wal_autocheckpoint = 0"
)

// committer commits rows, after a step that says how the log is.
func committer(ctx context.Context, path string, l Level, log string) (*runner, error) {
	if err := create(ctx, path); err != nil {
		return nil, err
	}
	db, err := open(path, l)
	if err != nil {
		return nil, err
	}
	for _, step := range []string{
		"PRAGMA fullfsync = on", // this pool has only one connection
		log,
	} {
		if _, err := db.ExecContext(ctx, step); err != nil {
			return nil, fmt.Errorf("%s: %w", step, errors.Join(err, db.Close()))
		}
	}
	return &runner{what: string(l), close: db.Close, do: func() error {
		_, err := db.Exec(commit)
		return err
	}}, nil
}

// forcer forces a page.
func forcer(path string) (*runner, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	page := make([]byte, 4096)
	return &runner{what: "fsync alone", close: f.Close, do: func() error {
		if _, err := f.WriteAt(page, 0); err != nil {
			return err
		}
		return f.Sync()
	}}, nil
}
