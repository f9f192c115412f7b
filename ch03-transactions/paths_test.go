package main

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch03-transactions/intx"
	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/sim"
)

// A path is one way through a transaction, and what must hold at its end.
type path struct {
	name      string
	invariant string
	walk      func(ctx context.Context, t *testing.T, db *sql.DB) (wrong string)
}

// paths are all ways through a transaction.
func paths() []path {
	return []path{
		{"the function returns an error", lab.AtRest, returnsAnError},
		{"the function panics", lab.AtRest, panics},
		{"the caller hangs up in the middle", lab.AtRest, hangsUp},
		{"the commit fails", lab.Answered, failsToCommit},
		{"all goes well", lab.AllOrNothing, goesWell},
		{"two connections at the same time", lab.AllOrNothing, onEachConnection},
		{"the database is busy for a moment", lab.AllOrNothing, busyForAMoment},
	}
}

// returnsAnError orders, and then returns an error.
func returnsAnError(ctx context.Context, _ *testing.T, db *sql.DB) (wrong string) {
	err := intx.InTx(ctx, db, func(tx *sql.Tx) error {
		return errors.Join(order(tx, "order-1", "ada"), io.ErrUnexpectedEOF)
	})
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		return "its error did not come back"
	}
	return free(ctx, db, 0)
}

// panics orders, and then panics.
func panics(ctx context.Context, _ *testing.T, db *sql.DB) (wrong string) {
	caught := func() (caught any) {
		defer func() { caught = recover() }()
		_ = intx.InTx(ctx, db, func(tx *sql.Tx) error {
			_ = order(tx, "order-1", "ada")
			panic("mine")
		})
		return nil
	}()
	if caught != "mine" {
		return "the panic did not come back"
	}
	return free(ctx, db, 0)
}

// hangsUp cancels the caller's context between the order and the commit.
func hangsUp(ctx context.Context, _ *testing.T, db *sql.DB) (wrong string) {
	caller, hangUp := context.WithCancel(ctx)
	err := intx.InTx(caller, db, func(tx *sql.Tx) error {
		err := order(tx, "order-1", "ada")
		hangUp()
		return err
	})
	if err == nil || errors.Is(err, intx.ErrUnknown) {
		return "nothing was done, and the caller was not told so"
	}
	return free(ctx, db, 0)
}

// failsToCommit orders for an unknown customer, which only the commit checks.
func failsToCommit(ctx context.Context, _ *testing.T, db *sql.DB) (wrong string) {
	err := intx.InTx(ctx, db, func(tx *sql.Tx) error {
		return errors.Join(
			run(tx, "PRAGMA defer_foreign_keys = ON"),
			order(tx, "order-1", "unknown"),
		)
	})
	if !errors.Is(err, intx.ErrUnknown) {
		return "the commit failed, and the caller was told that all is done"
	}
	return free(ctx, db, 0)
}

// goesWell orders.
func goesWell(ctx context.Context, _ *testing.T, db *sql.DB) (wrong string) {
	err := intx.InTx(ctx, db, func(tx *sql.Tx) error { return order(tx, "order-1", "ada") })
	if err != nil {
		return err.Error()
	}
	return free(ctx, db, 1)
}

// onEachConnection orders for an unknown customer on two connections at once.
func onEachConnection(ctx context.Context, t *testing.T, db *sql.DB) (wrong string) {
	db.SetMaxOpenConns(2)
	require.NoError(t, db.PingContext(ctx))
	first, err := db.Conn(ctx)
	require.NoError(t, err)
	defer first.Close()
	second, err := db.Conn(ctx)
	require.NoError(t, err)
	defer second.Close()
	for _, conn := range []*sql.Conn{first, second} {
		const statement = "INSERT INTO orders (id, customer) VALUES ('order-1', 'unknown')"
		if _, err := conn.ExecContext(ctx, statement); err == nil {
			return "an order without a customer was taken on one of two connections"
		}
	}
	return ""
}

// busyForAMoment lets another connection hold the lock until the first try
// has failed, and counts the charges.
func busyForAMoment(ctx context.Context, t *testing.T, db *sql.DB) (wrong string) {
	db.SetMaxOpenConns(2)
	other, err := db.Conn(ctx)
	require.NoError(t, err)
	defer other.Close()
	_, err = other.ExecContext(ctx, "BEGIN IMMEDIATE")
	require.NoError(t, err)
	charges := 0
	again := func(err error, _ int) bool {
		if !strings.Contains(err.Error(), "locked") {
			return false
		}
		_, err = other.ExecContext(ctx, "ROLLBACK")
		require.NoError(t, err)
		return true
	}
	err = intx.Place(ctx, db, again, "order-1", func(context.Context) error {
		charges++
		return nil
	})
	if err != nil {
		return err.Error()
	}
	if charges != 1 {
		return "the customer was charged more than once for one order"
	}
	return ""
}

// free checks that the one connection is back, and counts the orders.
func free(ctx context.Context, db *sql.DB, want int) (wrong string) {
	var orders int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM orders").Scan(&orders); err != nil {
		return "the connection never came back: " + err.Error()
	}
	if orders != want {
		return "something of it was done"
	}
	return ""
}

func order(tx *sql.Tx, id, customer string) error {
	_, err := tx.Exec("INSERT INTO orders (id, customer) VALUES (?, ?)", id, customer)
	return err
}

func run(tx *sql.Tx, statement string) error {
	_, err := tx.Exec(statement)
	return err
}

// TestEveryPathThroughATransactionEndsWell walks each way out of a transaction:
// the connection comes back, nothing is half done, and the caller is told the
// truth.
func TestEveryPathThroughATransactionEndsWell(t *testing.T) {
	if only := os.Getenv(lab.VariantVariable); only != "" && only != "intx" {
		t.Skipf("only the variant %s was asked for", only)
	}
	report := lab.Report{Variant: "intx", Scenario: "every path"}
	for _, p := range paths() {
		db, err := intx.Open(filepath.Join(t.TempDir(), "shop.db"), 1)
		require.NoError(t, err)
		_, err = db.ExecContext(t.Context(), `
			CREATE TABLE customers (customer TEXT PRIMARY KEY) STRICT;
			CREATE TABLE orders (id TEXT PRIMARY KEY,
				customer TEXT NOT NULL REFERENCES customers) STRICT;
			INSERT INTO customers VALUES ('ada')`)
		require.NoError(t, err)
		report.Points++
		ctx, cancel := context.WithTimeout(t.Context(), time.Second) // what takes longer is stuck
		defer cancel()
		if wrong := p.walk(ctx, t, db); wrong != "" {
			here := event.Event{
				Seq: 1, Service: "intx", Kind: event.State, Data: event.Data{Text: p.name},
			}
			report.Tally([]lab.Finding{{Invariant: p.invariant, Damage: wrong, Text: p.name}}, nil,
				[]event.Event{here})
			if os.Getenv(lab.ReportVariable) == "" {
				t.Errorf("%s: %s", p.name, wrong)
			}
		}
		// A mistake may have leaked a connection, for which Close would wait.
		if report.Broken == 0 {
			require.NoError(t, db.Close())
		}
	}
	sim.Publish(t, report)
}
