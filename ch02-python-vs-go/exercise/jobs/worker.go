package jobs

import (
	"context"
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Worker is what it takes to do a job.
type Worker struct {
	db     *sqlite.DB
	client *http.Client
}

// Letter is what the mail is asked to send.
type Letter struct {
	To string `json:"to"`
}

// Send has the receipt mailed. The mail knows the job's id again, and sends
// nothing twice.
func (w *Worker) Send(ctx context.Context, j Job) httpapi.Outcome {
	ctx, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	_, err := httpapi.Post[Letter](ctx, w.client, "http://mail/send", j.ID, Letter{j.Customer})
	return httpapi.OutcomeOf(err)
}

// Acknowledge notes that a job is done: no worker will see it again. If it has been
// lent to another worker since, nothing is noted.
func (w *Worker) Acknowledge(ctx context.Context, j Job) error { return w.end(ctx, j, Done) }

// Bury gives a job up, and keeps it among the dead letters.
func (w *Worker) Bury(ctx context.Context, j Job) error { return w.end(ctx, j, Dead) }

func (w *Worker) end(ctx context.Context, j Job, s State) error {
	return w.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE jobs SET state = ?
			WHERE id = ? AND state = 'running' AND attempt = ?`, s, j.ID, j.Attempt)
		return err
	})
}
