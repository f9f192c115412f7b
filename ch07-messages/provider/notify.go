package provider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Intervals returns the pauses after each attempt at a notification that the shop has
// not acknowledged. After the attempt that follows the last one, the provider gives up.
func Intervals() []time.Duration {
	return []time.Duration{
		15 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	}
}

const callTimeout = time.Second

// Received is how a shop acknowledges a notification.
type Received struct {
	ID string `json:"received"`
}

// notify makes a notification of a payment's state, due at once.
func notify(tx *sqlite.Tx, p Payment) error {
	_, err := tx.Exec("INSERT INTO notifications (id, state, at, due) VALUES (?, ?, ?, ?)",
		p.ID, p.State, p.At, time.Now().UnixMilli())
	return err
}

// wake has Run look for notifications that are due.
func (p *Provider) wake() {
	select {
	case p.changed <- struct{}{}:
	default: // Run has yet to take the last signal
	}
}

// Run sends notifications when they are due, until ctx is done.
func (p *Provider) Run(ctx context.Context) error {
	for ctx.Err() == nil { // the end wins over a tick
		next, err := p.sendDue(ctx)
		if err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "notifications wait", "error", err)
		}
		select {
		case <-time.After(max(next, callTimeout)):
		case <-p.changed:
		case <-ctx.Done():
		}
	}
	return nil
}

// notification is one that is to be sent.
type notification struct {
	Payment
	shop  string
	tries int
	due   int64 // ms since 1970
}

// sendDue makes an attempt at each notification that is due, and returns how long the
// next one has time.
func (p *Provider) sendDue(ctx context.Context) (next time.Duration, err error) {
	list, err := sqlite.Collect(ctx, p.db, func(n *notification) []any {
		return []any{&n.ID, &n.State, &n.At, &n.Order, &n.Cents, &n.shop, &n.tries, &n.due}
	}, `SELECT n.id, n.state, n.at, p."order", p.cents, p.shop, n.tries, n.due
		FROM notifications n JOIN payments p USING (id)
		WHERE n.due IS NOT NULL ORDER BY n.due, n.id, n.at`)
	if err != nil {
		return 0, err
	}
	next = time.Hour // a new notification ends the wait
	for _, n := range list {
		if pause := time.Until(time.UnixMilli(n.due)); pause > 0 {
			return min(next, pause), err
		}
		err = errors.Join(err, p.attempt(ctx, n))
		next = callTimeout
	}
	return next, err
}

// attempt sends a notification. It is due again if it is not acknowledged, and this was
// not the last attempt.
func (p *Provider) attempt(ctx context.Context, n notification) error {
	var due *int64 // none
	pauses := Intervals()
	if p.send(ctx, n) != nil && n.tries < len(pauses) {
		due = new(time.Now().Add(pauses[n.tries]).UnixMilli())
	}
	return p.db.Update(ctx, func(tx *sqlite.Tx) error {
		const change = `UPDATE notifications SET tries = tries + 1, due = ?
			WHERE id = ? AND state = ?`
		_, err := tx.Exec(change, due, n.ID, n.State)
		return err
	})
}

// send sends a notification, and returns nil if the shop acknowledges it.
func (p *Provider) send(ctx context.Context, n notification) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	url := "http://" + n.shop + "/notifications"
	got, err := httpapi.Post[Received](ctx, p.client, url, n.ID, n.Payment)
	if err == nil && got.ID != n.ID {
		err = fmt.Errorf("%s acknowledges %q instead of %s", n.shop, got.ID, n.ID)
	}
	return err
}

const day = 24 * time.Hour

// Statement is what was paid on a day, in UTC.
type Statement struct {
	Day      string    `json:"day"` // such as 2026-11-29
	Payments []Payment `json:"payments"`
}

// statement answers with what was paid on a day. An answer has one page: one that is
// longer than httpapi.MaxBody is refused by its reader.
func (p *Provider) statement(w http.ResponseWriter, r *http.Request) error {
	s := Statement{Day: httpapi.Param(r, "day")}
	from, err := time.Parse(time.DateOnly, s.Day)
	if err != nil {
		return httpapi.NotFound.With("%q is no day", s.Day)
	}
	s.Payments, err = sqlite.Collect(r.Context(), p.db, func(p *Payment) []any {
		return []any{&p.ID, &p.Order, &p.Cents, &p.State, &p.At}
	}, `SELECT id, "order", cents, state, at FROM payments
		WHERE state = 'paid' AND at >= ? AND at < ? ORDER BY at, id`,
		from.Unix(), from.Add(day).Unix())
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, s)
}
