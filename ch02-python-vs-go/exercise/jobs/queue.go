// Package jobs is the service of the exercise: it mails a receipt for each order,
// by a queue and its workers, and it keeps a timetable. Who gets a job, when it is
// acknowledged, and what is done when a run is due, is for the student to say.
package jobs

import (
	"time"

	"example.com/dtx/internal/sqlite"
)

// Schema makes the service's database. Times are in ms since 1970.
const Schema = `
CREATE TABLE jobs (id TEXT PRIMARY KEY, customer TEXT NOT NULL, item TEXT NOT NULL,
	state TEXT NOT NULL DEFAULT 'waiting', attempt INTEGER NOT NULL DEFAULT 0,
	until INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE schedules (id TEXT PRIMARY KEY, at INTEGER NOT NULL, every INTEGER NOT NULL,
	next INTEGER NOT NULL) STRICT;
CREATE TABLE runs (seq INTEGER PRIMARY KEY AUTOINCREMENT, schedule TEXT NOT NULL,
	due INTEGER NOT NULL) STRICT;
`

// State is what the queue knows of a job.
type State string

// The states of a job.
const (
	Waiting State = "waiting"
	Running State = "running" // it is lent to a worker
	Done    State = "done"
	Dead    State = "dead" // it was given up: a dead letter
)

// Job is a receipt that is to be mailed.
type Job struct {
	ID       string
	Customer string // the recipient
	State    State
	Attempt  int       // how often it has been lent
	Until    time.Time // how long it is lent
}

// Visibility is how long a job is lent.
const Visibility = 5 * time.Second

// Queue is the queue, in one transaction of the database. If the database fails,
// nothing of it is done.
type Queue struct {
	tx     *sqlite.Tx
	failed error
}

// Open returns the jobs that are neither done nor dead, the oldest first.
func (q *Queue) Open() (open []Job) {
	rows, err := q.tx.Query(`SELECT id, customer, state, attempt, until FROM jobs
		WHERE state IN ('waiting', 'running') ORDER BY rowid`)
	if err != nil {
		q.failed = err
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var j Job
		var until int64
		if q.failed = rows.Scan(&j.ID, &j.Customer, &j.State, &j.Attempt, &until); q.failed != nil {
			return nil
		}
		j.Until = time.UnixMilli(until)
		open = append(open, j)
	}
	q.failed = rows.Err()
	return open
}

// Lend lends a job to a worker that asks, and returns it as it is then.
func (q *Queue) Lend(j Job, until time.Time) Job {
	j.State, j.Until = Running, until
	j.Attempt++
	if q.failed == nil {
		const update = "UPDATE jobs SET state = ?, attempt = ?, until = ? WHERE id = ?"
		_, q.failed = q.tx.Exec(update, j.State, j.Attempt, until.UnixMilli(), j.ID)
	}
	return j
}
