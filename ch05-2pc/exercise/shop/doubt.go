package shop

import (
	"context"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

const (
	lookPause   = time.Second // between two looks for doubt
	askPatience = time.Second // for the coordinator's answer
)

// Inquire asks the coordinator what became of a transaction. An error means
// that there was no answer.
func (p *Participant) Inquire(ctx context.Context, id string) (twopc.State, error) {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	answer, err := httpapi.Get[twopc.Inquiry](ctx, p.client, "http://order/transactions/"+url.PathEscape(id))
	return answer.State, err
}

// Run has the student ask about what has been in doubt for a while. It returns
// when ctx is done.
func (p *Participant) Run(ctx context.Context) error {
	var before []string // in doubt at the last look; after a start, none
	for p.part.Ask != nil && ctx.Err() == nil {
		doubts, err := p.inDoubt(ctx)
		for _, id := range doubts {
			if err == nil && slices.Contains(before, id) {
				err = p.part.Ask(ctx, p, id)
			}
		}
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "ask", "error", err)
		}
		if before = doubts; err == nil && len(doubts) == 0 {
			select {
			case <-p.prepared:
			case <-ctx.Done():
			}
		}
		select {
		case <-time.After(lookPause):
		case <-ctx.Done():
		}
	}
	<-ctx.Done()
	return nil
}

func (p *Participant) inDoubt(ctx context.Context) (ids []string, err error) {
	err = p.db.View(ctx, func(tx *sqlite.Tx) error {
		rows, err := tx.Query("SELECT id FROM records WHERE state = ? ORDER BY id", Prepared)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return rows.Err()
	})
	return ids, err
}
