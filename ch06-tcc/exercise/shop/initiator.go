// Package shop is the chapter's shop with the student's functions in it: what a
// participant does with its messages, and what an initiator does when it starts again.
// The orders, the messages, and what the initiator does after that are the chapter's own.
package shop

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"example.com/dtx/ch06-tcc/order"
	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const callTimeout = time.Second // for one answer of a participant

// Transaction is what the log says of one.
type Transaction struct {
	ID           string
	State        tcc.State
	Participants []string // written down before the first try
}

// Recover is what a student plugs into the initiator.
type Recover func(ctx context.Context, n *Initiator, t Transaction) error

// Initiator is the chapter's, but after a start the student's function comes first.
type Initiator struct {
	*order.Service // the chapter's
	db             *sqlite.DB
	client         *http.Client
	recover        Recover
}

// New returns an initiator with its log in db, which has the chapter's schema.
func New(db *sqlite.DB, client *http.Client, r Recover) *Initiator {
	return &Initiator{order.New(db, tcc.New(db, client, tcc.MaxPlaces)), db, client, r}
}

// Run has the student recover until no transaction is open, and only then takes orders.
func (n *Initiator) Run(ctx context.Context) error {
	for try := 1; ; try++ {
		isOpen, err := n.pass(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			slog.ErrorContext(ctx, "recover", "error", err)
		} else if !isOpen {
			return n.Service.Run(ctx)
		}
		_ = places.Pause(ctx, "recovery", try) // its error is that of ctx
	}
}

// pass has the student recover each transaction that is open, if there is one.
func (n *Initiator) pass(ctx context.Context) (isOpen bool, err error) {
	open, err := sqlite.Collect(ctx, n.db, func(e *tcc.Entry) []any {
		return []any{&e.ID, &e.State, &e.Waiting}
	}, "SELECT id, state, waiting FROM transactions WHERE waiting <> '' ORDER BY id")
	for _, e := range open {
		if err == nil {
			err = n.recover(ctx, n, Transaction{e.ID, e.State, strings.Fields(e.Waiting)})
		}
	}
	return len(open) > 0, err
}

// Decide writes a decision down, forced: tcc.Confirming or tcc.Cancelling. An error means
// that it may be written, and may not.
func (n *Initiator) Decide(ctx context.Context, t Transaction, decision tcc.State) error {
	return n.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE transactions SET state = ?, why = ? WHERE id = ?",
			decision, httpapi.GivenUp, t.ID)
		return err
	})
}

// Call sends one message to a participant: tcc.Confirm or tcc.Cancel. Nil means that the
// participant has acknowledged it.
func (n *Initiator) Call(
	ctx context.Context, participant string, op tcc.Operation, t Transaction,
) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	url := "http://" + participant + "/" + string(op)
	answer, err := httpapi.Post[tcc.Answer](ctx, n.client, url, t.ID, struct{}{})
	if err == nil && answer.Done != op {
		err = fmt.Errorf("%s answers %q to %s", participant, answer.Done, op)
	}
	return err
}

// Pause waits after a try without success, the first being 1. The error says that the
// process is about to end.
func (n *Initiator) Pause(ctx context.Context, t Transaction, try int) error {
	return places.Pause(ctx, t.ID, try)
}

// End notes that all participants have acknowledged the decision.
func (n *Initiator) End(ctx context.Context, t Transaction) error {
	return n.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE transactions SET waiting = '' WHERE id = ?", t.ID)
		return err
	})
}
