package boundary

import (
	"context"
	"errors"
	"fmt"

	"example.com/dtx/lab/fault"
)

// Gate stands around the transactions of a service's database. It is a
// sqlite.StatementGate.
type Gate struct {
	Lab     Lab
	Service string
}

// ErrCommit is what a failing disk answers to a COMMIT. The transaction may be
// applied nevertheless.
var ErrCommit = errors.New("disk I/O error")

// errNotBegun and errStatement are what the laboratory fails a transaction with
// whose process lives on.
var (
	errNotBegun  = errors.New("database is locked")
	errStatement = errors.New("out of memory")
)

// transaction is one that is under way.
type transaction struct {
	number     int // its beginning, as the laboratory counts it
	statements int // statements run so far
	fails      int // the statement that fails, from 1
}

type transactionKey struct{}

// Watch gives a transaction's context the place where it is counted.
func (Gate) Watch(ctx context.Context) context.Context {
	return context.WithValue(ctx, transactionKey{}, &transaction{})
}

func (g Gate) stop(ctx context.Context, step fault.Step, forced bool) fault.Stop {
	s := served(ctx)
	return fault.Stop{
		Step: step, Serving: s.message, Forced: forced,
		Point: fault.Point{Boundary: fault.Commit, Service: g.Service, Op: s.op, Key: s.key},
	}
}

// Begin lets transactions queue in an order that the laboratory decides.
func (g Gate) Begin(ctx context.Context, forced bool) error {
	ruling, err := g.Lab.Pass(ctx, g.stop(ctx, fault.Beginning, forced))
	if err != nil {
		return err
	}
	if ruling.Fail == fault.NotBegun {
		return errNotBegun
	}
	if t, ok := ctx.Value(transactionKey{}).(*transaction); ok {
		t.number, t.fails = ruling.Point.N, ruling.Statement
	}
	return nil
}

// Statement fails the statement that the laboratory has chosen.
func (g Gate) Statement(ctx context.Context) error {
	t, ok := ctx.Value(transactionKey{}).(*transaction)
	if !ok {
		return nil
	}
	if t.statements++; t.statements == t.fails {
		return errStatement
	}
	return nil
}

// Commit is the fault point "stock: commit POST /take order-1 #1".
func (g Gate) Commit(ctx context.Context, forced bool, commit func() error) error {
	s := g.stop(ctx, fault.Committing, forced)
	if t, ok := ctx.Value(transactionKey{}).(*transaction); ok {
		s.Begun, s.Statements = t.number, t.statements
	}
	ruling, err := g.Lab.Pass(ctx, s)
	if err != nil {
		return err
	}
	if ruling.HangUp {
		served(ctx).hangUp()
	}
	if ruling.Fail == fault.NotApplied || ruling.Fail == fault.DiskFull {
		return ErrCommit
	}
	if err := commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	s.Step, s.Point, s.Text = fault.Committed, ruling.Point, string(ruling.Fail)
	s.Forced = forced && ruling.Fail != fault.LostFsync
	if _, err := g.Lab.Pass(ctx, s); err != nil {
		return err
	}
	if ruling.Fail != "" {
		return ErrCommit
	}
	return nil
}
