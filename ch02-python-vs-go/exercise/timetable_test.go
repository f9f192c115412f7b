package exercise

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch02-python-vs-go/exercise/jobs"
	"example.com/dtx/course/grade"
	"example.com/dtx/internal/sqlite"
)

// kill is a moment at which the process dies: at its n-th commit, from 1.
type kill struct {
	commit int
	after  bool // the commit is on the disk
}

// errKilled is what the dead learn.
var errKilled = errors.New("killed")

// gate is an sqlite.Gate that kills.
type gate struct {
	kill
	passed int
}

func (g *gate) Begin(context.Context, bool) error { return nil }

func (g *gate) Commit(_ context.Context, _ bool, commit func() error) error {
	g.passed++
	switch {
	case g.passed != g.commit:
		return commit()
	case g.after:
		return errors.Join(commit(), errKilled)
	}
	return errKilled
}

// look is a call of Fire, and the run that should come of it.
type look struct{ at, want string }

// hours has a schedule of every ten minutes. From 09:25 to 10:37 there is no process.
func hours() []look {
	return []look{
		{"09:03:59", ""}, {"09:04:00", "09:04"}, {"09:07:00", ""}, {"09:14:02", "09:14"},
		{"09:25:00", "09:24"},
		{"10:37:00", "10:34"}, {"10:38:00", ""}, {"10:44:05", "10:44"}, {"10:54:00", "10:54"},
	}
}

// day is a run of the timetable, and what is told of it.
type day struct {
	t    *grade.T
	path string
	gate *gate
	told strings.Builder
}

// requireGrid calls Fire, and opens the timetable anew for each call, as a new
// process would. It returns how many commits there were.
func requireGrid(t *grade.T, k kill) (commits int) {
	t.Helper()
	d := &day{t: t, path: filepath.Join(t.TempDir(), "jobs.db"), gate: &gate{}}
	d.told.WriteString("a job is to run every 10 min from 09:04 on; " +
		"from 09:25 to 10:37 there is no process.\n" +
		"Each call of Fire is that of a new process, on the same database:")
	d.use(func(db *jobs.Timetable) error {
		return db.Update(t.Context(), func(tx *jobs.Tx) error {
			first := clock("09:04:00")
			tx.Add(jobs.Schedule{ID: "report", At: first, Every: 10 * time.Minute, Next: first})
			return nil
		})
	})
	d.gate = &gate{kill: k}
	for _, l := range hours() {
		d.look(l)
	}
	return d.gate.passed
}

// look calls Fire at a time, and once more if it was killed.
func (d *day) look(l look) {
	d.t.Helper()
	before := len(d.runs())
	if d.fire(l.at) {
		when := map[bool]string{false: "before", true: "after"}[d.gate.after]
		fmt.Fprintf(&d.told, "   killed %s commit %d; called again:", when, d.gate.commit)
		d.fire(l.at)
	}
	got := d.runs()[before:]
	if strings.Join(got, " ") == l.want {
		return
	}
	want := "there should be none"
	if l.want != "" {
		want = "there should be one, for " + l.want
	}
	found := "there is no run"
	switch {
	case len(got) == 1:
		found = "there is a run for " + got[0]
	case len(got) > 1:
		found = fmt.Sprintf("there are %d runs, for %s", len(got), strings.Join(got, ", "))
	}
	d.t.Wrong(d.told.String(), fmt.Sprintf("at %s %s; %s", l.at, found, want))
}

// fire calls Fire once, and tells whether it was killed.
func (d *day) fire(at string) (killed bool) {
	d.t.Helper()
	before, passed := len(d.runs()), d.gate.passed
	fmt.Fprintf(&d.told, "\n%s", at)
	d.t.Progress()
	err := d.use(func(db *jobs.Timetable) error { return Fire(d.t.Context(), db, clock(at)) })
	for _, due := range d.runs()[before:] {
		d.told.WriteString("   run for " + due)
	}
	killed = passed < d.gate.commit && d.gate.passed >= d.gate.commit
	if !killed {
		d.t.NoError(err)
	}
	return killed
}

// use opens the database as a new process does.
func (d *day) use(do func(*jobs.Timetable) error) error {
	d.t.Helper()
	db, err := sqlite.Open(d.t.Context(), sqlite.Config{
		Path: d.path, Schema: jobs.Schema, Gate: d.gate,
	})
	require.NoError(d.t, err)
	err = do(jobs.NewTimetable(db))
	require.NoError(d.t, db.Close())
	return err
}

// runs lists what was run so far.
func (d *day) runs() (list []string) {
	d.t.Helper()
	require.NoError(d.t, sqlite.Inspect(d.t.Context(), d.path, func(tx *sqlite.Tx) error {
		rows, err := tx.Query("SELECT due FROM runs ORDER BY seq")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var due int64
			if err := rows.Scan(&due); err != nil {
				return err
			}
			at := time.UnixMilli(due).UTC().Format("15:04:05")
			list = append(list, strings.TrimSuffix(at, ":00"))
		}
		return rows.Err()
	}))
	return list
}

func clock(text string) time.Time {
	t, _ := time.Parse(time.DateTime, "2026-03-02 "+text) // the texts are in this file
	return t
}
