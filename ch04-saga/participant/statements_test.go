package participant_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/participant"
	"example.com/dtx/ch04-saga/payment"
	"example.com/dtx/internal/sqlite"
)

// failing fails one statement: the last of those that are left.
type failing struct{ left int }

func (*failing) Begin(context.Context, bool) error { return nil }

func (*failing) Commit(_ context.Context, _ bool, commit func() error) error { return commit() }

func (*failing) Watch(ctx context.Context) context.Context { return ctx }

func (f *failing) Statement(context.Context) error {
	if f.left--; f.left == 0 {
		return errors.New("disk I/O error")
	}
	return nil
}

// TestAStatementThatFailsLeavesNothing fails each statement of each call in turn. The
// customers ada and bob have an authorization each; bob has too little for another.
func TestAStatementThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	rules, ctx := payment.Rules(), t.Context()
	for name, row := range map[string]struct {
		call       participant.Call
		saga, who  string
		amount     int64
		statements int
	}{
		"take":                     {rules.TakeOut, "order-3", "ada", 1, 3},
		"refuse":                   {rules.TakeOut, "order-3", "bob", 2000, 4},
		"compensate":               {rules.GiveBack, "order-1", "ada", 80, 3},
		"compensate what may come": {rules.GiveBack, "order-3", "ada", 1, 2},
		"finish":                   {rules.Complete, "order-1", "ada", 80, 3},
	} {
		t.Run(name, func(t *testing.T) {
			for n := 1; n <= row.statements; n++ {
				f := &failing{}
				db, err := sqlite.Open(ctx, sqlite.Config{
					Path: filepath.Join(t.TempDir(), "payment.db"), Schema: payment.Schema, Gate: f,
				})
				require.NoError(t, err)
				defer func() { require.NoError(t, db.Close()) }()
				carry := func(call participant.Call, saga, who string, amount int64) error {
					return db.Update(ctx, func(tx *sqlite.Tx) error {
						_, err := call(tx, saga, participant.Account{Name: who, Amount: amount})
						return err
					})
				}
				require.NoError(t, carry(rules.TakeOut, "order-1", "ada", 80))
				was := all(t, db)
				f.left = n
				require.Error(t, carry(row.call, row.saga, row.who, row.amount), "statement %d", n)
				require.Equal(t, was, all(t, db), "statement %d", n)
				require.NoError(t, carry(row.call, row.saga, row.who, row.amount), "asked again")
				require.NotEqual(t, was, all(t, db))
			}
		})
	}
}

// all is what the database has, as a text.
func all(t *testing.T, db *sqlite.DB) (text string) {
	t.Helper()
	const query = `SELECT group_concat(row, char(10)) FROM (
		SELECT name || ' ' || amount AS row FROM accounts UNION ALL
		SELECT saga || ' ' || step || ' ' || state || ' ' || amount FROM steps)`
	require.NoError(t, db.View(t.Context(), func(tx *sqlite.Tx) error {
		return tx.QueryRow(query).Scan(&text)
	}))
	return text
}
