// Package exercise is chapter 2's: a worker to mend, and a schedule that outlives
// its process. It is in Go; no Python is needed.
//
// A shop mails a receipt for each order. The order is answered at once, the letter
// is a job in a queue, and two workers carry jobs to the mail, which is another
// service. And there is a timetable. All of that is there, in the folder jobs. It
// lost letters, and it forgot runs; so three functions were thrown away. What they
// were stands above each. You write them anew, in two files:
//
//	queue.go      which job a worker gets, and when a job is done
//	schedule.go   what is done when a run is due
//
// The tests kill the service, and the mail, at every message and at every commit.
package exercise

import (
	"context"
	"time"

	"example.com/dtx/ch02-python-vs-go/exercise/jobs"
	"example.com/dtx/course/stub"
)

// Claim chooses a job for a worker, and lends it for jobs.Visibility; with none
// to choose, it returns the zero Job. It runs in one transaction. It was:
//
//	for _, j := range q.Open() {
//		if j.State == jobs.Waiting {
//			return q.Lend(j, now.Add(jobs.Visibility)), nil
//		}
//	}
//	return jobs.Job{}, nil
//
// A worker that dies says nothing. What became of the job that it had?
//
// You need q.Open, q.Lend and j.Until. About 6 lines.
func Claim(q *jobs.Queue, now time.Time) (jobs.Job, error) {
	return jobs.Job{}, stub.NotWritten()
}

// Work does a job that was lent to a worker. It was:
//
//	if err := w.Acknowledge(ctx, j); err != nil {
//		return err
//	}
//	w.Send(ctx, j)
//	return nil
//
// w.Send returns httpapi.Done; httpapi.Refused, and then no letter will ever be
// sent, and w.Bury keeps the job for people to look at; or something else, and
// then it is not known. What an error says is logged. A job that is neither
// acknowledged nor buried is lent again when its time is up, however often.
//
// About 8 lines.
func Work(ctx context.Context, w *jobs.Worker, j jobs.Job) error {
	return stub.NotWritten()
}
