package main

import (
	"slices"

	"example.com/dtx/internal/httpapi"
)

// The kinds of work.
const (
	sleepKind = "sleep" // waits, as for a slow service
	hashKind  = "hash"  // computes
	failKind  = "fail"  // fails at first
)

const maxAmount = 10_000

// work is what a client wants to have done.
type work struct {
	Kind   string `json:"kind"`
	Amount int    `json:"amount"` // ms to sleep, rounds to hash, attempts that are to fail
}

func (w work) check(kinds ...string) error {
	switch {
	case !slices.Contains(kinds, w.Kind):
		return httpapi.Unprocessable.With("kind is one of %v", kinds)
	case w.Amount < 0 || w.Amount > maxAmount:
		return httpapi.Unprocessable.With("amount is 0 to %d", maxAmount)
	}
	return nil
}

// job is work in the queue.
type job struct {
	seq      int64  // the order of creation
	ID       string `json:"id"`
	work     `json:",inline"`
	State    string  `json:"state"`
	Attempts int     `json:"attempts"`
	Result   *string `json:"result,omitzero"`
	Error    *string `json:"error,omitzero"` // error of the last attempt that failed
	Created  moment  `json:"created_at"`
	Schedule *string `json:"schedule,omitzero"`
	Due      *moment `json:"due_at,omitzero"` // the point of the schedule's grid
}

const jobColumns = "seq, id, kind, amount, state, attempts, result, error, " +
	"created_at, schedule, due_at"

// scan reads a row of jobColumns.
func (j *job) scan(row interface{ Scan(...any) error }) error {
	return row.Scan(&j.seq, &j.ID, &j.Kind, &j.Amount, &j.State, &j.Attempts, &j.Result, &j.Error,
		&j.Created, &j.Schedule, &j.Due)
}

// page is some of the jobs.
type page struct {
	Jobs []job `json:"jobs"`
	Next int64 `json:"next,omitzero"`
}
