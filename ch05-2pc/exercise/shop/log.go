package shop

import (
	"context"
	"fmt"
	"strings"

	"example.com/dtx/internal/sqlite"
)

// Decision is a transaction that is committed.
type Decision struct {
	ID      string
	Waiting []string // the participants that are to be told
}

// Knowledge is what a coordinator knows of a transaction.
type Knowledge string

// What there is to know.
const (
	Voting  Knowledge = "voting"  // this process is at it
	Decided Knowledge = "decided" // to be committed: it is on the disk
	Nothing Knowledge = "nothing"
)

// End notes that a decision need not be told again.
func (c *Coordinator) End(ctx context.Context, d Decision) error {
	return c.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE decisions SET waiting = '' WHERE id = ?", d.ID)
		return err
	})
}

// unfinished returns the decisions whose end is not noted.
func (c *Coordinator) unfinished(ctx context.Context) (list []Decision, err error) {
	err = c.db.View(ctx, func(tx *sqlite.Tx) error {
		rows, err := tx.Query("SELECT id, waiting FROM decisions WHERE waiting <> '' ORDER BY id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d Decision
			var waiting string
			if err := rows.Scan(&d.ID, &waiting); err != nil {
				return err
			}
			d.Waiting = strings.Fields(waiting)
			list = append(list, d)
		}
		return rows.Err()
	})
	return list, err
}

// look says what is known of a transaction.
func (c *Coordinator) look(ctx context.Context, id string) (Knowledge, error) {
	c.mu.Lock()
	voting := c.voting[id]
	c.mu.Unlock()
	if voting {
		return Voting, nil
	}
	var decided bool // looked up last: what is not voted on any more is on the disk, or never will be
	err := c.db.View(ctx, func(tx *sqlite.Tx) error {
		return tx.QueryRow("SELECT EXISTS (SELECT 1 FROM decisions WHERE id = ?)", id).Scan(&decided)
	})
	if err != nil {
		return "", fmt.Errorf("look up %s: %w", id, err)
	}
	if decided {
		return Decided, nil
	}
	return Nothing, nil
}

func (c *Coordinator) decide(ctx context.Context, order string, d Decision, record func(*sqlite.Tx) error) error {
	return c.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("INSERT INTO decisions (order_id, id, waiting) VALUES (?, ?, ?)", order, d.ID, strings.Join(d.Waiting, " "))
		if err != nil {
			return err
		}
		return record(tx)
	})
}
