package boundary

import (
	"context"
	"errors"
	"fmt"

	"example.com/dtx/lab/fault"
)

// Gate stands around the transactions of a service's database. It is a
// sqlite.Gate.
type Gate struct {
	Lab     Lab
	Service string
}

// ErrCommit is what a failing disk answers to a COMMIT. The transaction may be
// applied all the same.
var ErrCommit = errors.New("disk I/O error")

func (g Gate) stop(ctx context.Context, step fault.Step) fault.Stop {
	s := served(ctx)
	return fault.Stop{
		Step: step, Serving: s.message,
		Point: fault.Point{Boundary: fault.Commit, Service: g.Service, Op: s.op, Key: s.key},
	}
}

// Begin lets transactions queue in an order that the laboratory decides.
func (g Gate) Begin(ctx context.Context, forced bool) error {
	s := g.stop(ctx, fault.Beginning)
	s.Forced = forced
	_, err := g.Lab.Pass(ctx, s)
	return err
}

// Commit is the fault point "stock: commit POST /take order-1 #1".
func (g Gate) Commit(ctx context.Context, forced bool, commit func() error) error {
	s := g.stop(ctx, fault.Committing)
	ruling, err := g.Lab.Pass(ctx, s)
	if err != nil {
		return err
	}
	if ruling.HangUp {
		served(ctx).hangUp()
	}
	if ruling.Fail == fault.NotApplied {
		return ErrCommit
	}
	if err := commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	s.Step, s.Point, s.Forced, s.Text = fault.Committed, ruling.Point, forced, string(ruling.Fail)
	if _, err := g.Lab.Pass(ctx, s); err != nil {
		return err
	}
	if ruling.Fail == fault.Applied {
		return ErrCommit
	}
	return nil
}
