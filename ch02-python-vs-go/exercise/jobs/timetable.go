package jobs

import (
	"cmp"
	"context"
	"time"

	"example.com/dtx/internal/sqlite"
)

// Schedule says when there is something to run: at a time, and ever after.
type Schedule struct {
	ID    string
	At    time.Time // the first run, and where the grid begins
	Every time.Duration
	Next  time.Time // when it is due; it is in the database
}

// Timetable keeps schedules.
type Timetable struct{ db *sqlite.DB }

// NewTimetable returns the timetable in a database.
func NewTimetable(db *sqlite.DB) *Timetable { return &Timetable{db} }

// Update runs fn in a transaction, which is on the disk when Update returns. If
// fn returns an error, or if the process dies before, nothing of it is done.
func (t *Timetable) Update(ctx context.Context, fn func(tx *Tx) error) error {
	return t.db.Update(ctx, func(tx *sqlite.Tx) error {
		mine := &Tx{tx: tx}
		err := fn(mine)
		return cmp.Or(mine.failed, err)
	})
}

// Tx is the timetable in a transaction.
type Tx struct {
	tx     *sqlite.Tx
	failed error
}

// Due returns the schedules whose next run is due.
func (t *Tx) Due(now time.Time) (due []Schedule) {
	const selectDue = "SELECT id, at, every, next FROM schedules WHERE next <= ? ORDER BY id"
	rows, err := t.tx.Query(selectDue, now.UnixMilli())
	if err != nil {
		t.failed = err
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var s Schedule
		var at, every, next int64
		if t.failed = rows.Scan(&s.ID, &at, &every, &next); t.failed != nil {
			return nil
		}
		s.At, s.Next = time.UnixMilli(at).UTC(), time.UnixMilli(next).UTC()
		s.Every = time.Duration(every) * time.Millisecond
		due = append(due, s)
	}
	t.failed = rows.Err()
	return due
}

// Run puts a job into the queue: the schedule's run of that time.
func (t *Tx) Run(s Schedule, due time.Time) {
	t.exec("INSERT INTO runs (schedule, due) VALUES (?, ?)", s.ID, due.UnixMilli())
}

// SetNext writes down when the schedule is due next.
func (t *Tx) SetNext(s Schedule, next time.Time) {
	t.exec("UPDATE schedules SET next = ? WHERE id = ?", next.UnixMilli(), s.ID)
}

// Add adds a schedule.
func (t *Tx) Add(s Schedule) {
	t.exec("INSERT INTO schedules VALUES (?, ?, ?, ?)",
		s.ID, s.At.UnixMilli(), s.Every.Milliseconds(), s.Next.UnixMilli())
}

func (t *Tx) exec(statement string, args ...any) {
	if t.failed == nil {
		_, t.failed = t.tx.Exec(statement, args...)
	}
}
