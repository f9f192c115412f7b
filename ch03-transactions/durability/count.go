package durability

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"example.com/dtx/ch03-transactions/strace"
)

// ErrNoStrace is returned when the tool is missing that counts system calls.
var ErrNoStrace = strace.ErrMissing

// Syncs is how often a client's files were forced to the disk: fsync and
// fdatasync, counted by strace.
type Syncs struct {
	Level      Level
	Commits    int
	Log        int // how often these commits forced the log
	Database   int // how often they forced the database
	Checkpoint struct{ Log, Database int }
}

// Count counts what n commits force, and then one checkpoint. It works in dir,
// and leaves nothing there.
func Count(ctx context.Context, dir string, l Level, n int) (s Syncs, err error) {
	s = Syncs{Level: l, Commits: n}
	err = inFolder(ctx, dir, func(path string) error {
		// The first commit is not counted: it begins a new log, which is forced by itself.
		orders := strings.Repeat(commit+"\n", 1+n) + checkpoint + "\n"
		calls, _, err := strace.Self(ctx, filepath.Dir(path), strace.Run{
			Env:   environment(path, l),
			Stdin: strings.NewReader(orders),
			Trace: "write,fsync,fdatasync",
		})
		if err != nil {
			return err
		}
		answers := 0
		for _, c := range calls {
			switch {
			case c.Says(answer):
				answers++
			case !strings.HasSuffix(c.Name, "sync") || answers == 0:
			case answers <= n:
				tally(c, &s.Log, &s.Database)
			default:
				tally(c, &s.Checkpoint.Log, &s.Checkpoint.Database)
			}
		}
		if answers != n+2 {
			return fmt.Errorf("%d answers to %d statements", answers, n+2)
		}
		return nil
	})
	return s, err
}

func tally(c strace.Call, log, database *int) {
	switch c.File() {
	case "note.db-wal":
		*log++
	case "note.db":
		*database++
	}
}

// Counts is what several clients forced.
type Counts []Syncs

// Rows is a table of the counts.
func (all Counts) Rows() [][]string {
	rows := [][]string{{"synchronous", "commits", "forced by them", "forced by a checkpoint"}}
	for _, s := range all {
		rows = append(rows, []string{
			string(s.Level), strconv.Itoa(s.Commits), strconv.Itoa(s.Log + s.Database),
			strconv.Itoa(s.Checkpoint.Log + s.Checkpoint.Database),
		})
	}
	return rows
}
