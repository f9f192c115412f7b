package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch05-2pc/mariadb"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/payment"
	"example.com/dtx/ch05-2pc/postgres"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
)

// shop is the variant whose databases are servers, and the servers.
type shop struct {
	lab.Variant
	postgres, mariadb *servers.Server
	units, cents      *sql.DB
}

func serve(t *testing.T) shop {
	t.Helper()
	s := shop{postgres: serverstest.Start(t, servers.Postgres), mariadb: serverstest.Start(t, servers.MariaDB)}
	var err error
	s.units, err = openPostgres(s.postgres.DSN)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.units.Close()) })
	s.cents, err = openMariaDB(s.mariadb.DSN)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.cents.Close()) })
	s.Variant = inServers(s.postgres.DSN, s.mariadb.DSN, s.units, s.cents)
	return s
}

func TestRealDatabases(t *testing.T) {
	t.Parallel()
	s := serve(t)
	t.Run("agree with the simulation on every crash", s.agree)
	t.Run("keep what is in doubt when coordinator and servers are killed", s.allDie)
	t.Run("do not say what became of a transaction that they do not find", s.notFound)
	t.Run("do not take back what is still being prepared", s.overtaken)
	t.Run("leave alone what others have prepared in the same server", s.strangers)
	t.Run("know everybody by the exact name", s.names)
	t.Run("do not take readers for somebody who has prepared", s.readers)
	t.Run("serve more at once than they have connections", s.many)
}

// agree kills real processes at each crash point, with real databases, and
// requires the ledgers and the verdict that the simulated rows have.
func (s shop) agree(t *testing.T) {
	if testing.Short() {
		t.Skip("-short kills the coordinator and both servers, and leaves the crash points one by one out")
	}
	scenario := chapter().Scenarios[0]
	stage := sim.NewStage(t, chapter(), inRows())
	require.NoError(t, furnish(t.Context(), s.units, s.cents))
	plain, err := chapter().Play(t.Context(), s.Variant, scenario)
	require.NoError(t, err)
	require.Empty(t, plain.Findings)
	crashes := 0
	for _, f := range plain.Offers {
		if !strings.HasPrefix(string(f.Kind), "crash") || strings.Contains(f.Point, "background") {
			continue
		}
		crashes++
		simulated := stage.Run(t, scenario, nil, f.Fault)
		real := sim.Real(t, chapter(), s.Variant, scenario, f.Fault, func(ctx context.Context) error { return furnish(ctx, s.units, s.cents) })
		require.Equal(t, simulated.After, real.After, "%s: ledgers", f.Fault)
		require.Equal(t, simulated.Findings, real.Findings, "%s: verdict", f.Fault)
	}
	require.NotZero(t, crashes)
	t.Logf("%d crash points: SQLite's rows, simulated, and PostgreSQL and MariaDB have the same ledgers and verdict", crashes)
}

// allDie kills the coordinator before or after its decision, and then both
// servers. What is in doubt is listed when they are up again, and resolved when
// the coordinator is.
func (s shop) allDie(t *testing.T) {
	for _, row := range []struct {
		kind fault.Kind
		left int64 // tea, when all is over
	}{
		{fault.CrashBefore, 10},
		{fault.CrashAfter, 8},
	} {
		t.Run(string(row.kind)+" the decision", func(t *testing.T) {
			ctx := t.Context()
			require.NoError(t, furnish(ctx, s.units, s.cents))
			death := fault.Fault{Kind: row.kind, Point: "order: commit POST /orders order-1 #1"}
			cluster, err := lab.Start(ctx, s.Variant, lab.Options{Plan: []fault.Fault{death}, StayDown: true})
			require.NoError(t, err)
			defer func() { require.NoError(t, cluster.Close()) }()
			require.Equal(t, []int{0}, statuses(cluster.Place(ctx, tea(), 1)), "the coordinator is dead")

			for _, server := range []*servers.Server{s.postgres, s.mariadb} {
				require.NoError(t, server.Kill())
				require.NoError(t, server.Start(ctx))
			}
			doubts := s.doubts(t)
			require.Len(t, doubts["PostgreSQL"], 1, "in doubt after a restart of both servers")
			require.Equal(t, doubts["PostgreSQL"], doubts["MariaDB"])
			require.Regexp(t, `^order-1\.1\.`, doubts["MariaDB"][0], "on a slow machine it may be a later attempt")

			require.NoError(t, cluster.Revive("order"))
			require.NoError(t, cluster.Settle(ctx))
			require.Equal(t, map[string][]string{"PostgreSQL": nil, "MariaDB": nil}, s.doubts(t), "in doubt when the coordinator is back")
			ledger, err := cluster.Ledger(ctx)
			require.NoError(t, err)
			require.Empty(t, ledger.Stuck)
			require.Contains(t, ledger.Balances, lab.Balance{Kind: "stock", Account: "tea", Amount: row.left})
			require.Contains(t, ledger.Balances, lab.Balance{Kind: "payment", Account: "ada", Amount: 9000 + (row.left-8)*500})
		})
	}
}

// doubts lists what the servers themselves say is prepared.
func (s shop) doubts(t *testing.T) map[string][]string {
	t.Helper()
	listed := map[string][]string{}
	for name, ask := range map[string]func(context.Context) ([]string, error){
		"PostgreSQL": postgres.New(s.units, stock.Rules()).InDoubt,
		"MariaDB":    mariadb.New(s.cents, "payment", payment.Rules()).InDoubt,
	} {
		require.Eventually(t, func() bool { // the pool may hold connections to a server that was killed
			ids, err := ask(t.Context())
			listed[name] = ids
			return err == nil
		}, time.Minute, time.Millisecond, name)
	}
	return listed
}

// notFound provokes the error that looks like "resolved already" in three
// situations, in which it means three things.
func (s shop) notFound(t *testing.T) {
	ctx := t.Context()
	require.NoError(t, furnish(ctx, s.units, s.cents))
	for name, b := range map[string]participant.Branches{
		"PostgreSQL": postgres.New(s.units, stock.Rules()),
		"MariaDB":    mariadb.New(s.cents, "payment", payment.Rules()),
	} {
		t.Run(name, func(t *testing.T) {
			account := map[string]string{"PostgreSQL": "tea", "MariaDB": "ada"}[name]
			require.ErrorIs(t, b.Commit(ctx, "never"), httpapi.NotFound, "it was never prepared")
			vote, err := b.Prepare(ctx, "a.1.1", participant.Wanted{Order: "a", Name: account, Amount: 1})
			require.NoError(t, err)
			require.Equal(t, twopc.Yes, vote.Vote)
			_, err = b.Prepare(ctx, "b.1.2", participant.Wanted{Order: "b", Name: account, Amount: 1})
			require.ErrorIs(t, err, httpapi.Locked, "another transaction wants the row")
			require.Eventually(t, func() bool { return b.Commit(ctx, "a.1.1") == nil }, time.Minute, time.Millisecond)
			require.NoError(t, b.Commit(ctx, "a.1.1"), "it comes again")
			require.ErrorIs(t, b.Abort(ctx, "a.1.1"), httpapi.NotFound, "an operator is not told that it is undone")
			require.NoError(t, b.Abort(ctx, "c.1.3"), "an abort overtakes its prepare")
			_, err = b.Prepare(ctx, "c.1.3", participant.Wanted{Order: "c", Name: account, Amount: 1})
			require.ErrorIs(t, err, httpapi.Unavailable, "it meets its tombstone")
			doubts, err := b.InDoubt(ctx)
			require.NoError(t, err)
			require.Empty(t, doubts)
		})
	}
	t.Run("MariaDB, while the connection that prepared is open", func(t *testing.T) {
		conn, err := s.cents.Conn(ctx)
		require.NoError(t, err)
		for _, statement := range []string{"XA START 'held','payment'", "UPDATE accounts SET amount = amount - 1 WHERE name = 'ada'", "XA END 'held','payment'", "XA PREPARE 'held','payment'"} {
			_, err := conn.ExecContext(ctx, statement)
			require.NoError(t, err, statement)
		}
		_, err = s.cents.ExecContext(ctx, "XA COMMIT 'held','payment'")
		require.ErrorContains(t, err, "1397", "the same error as for one that is gone")
		b := mariadb.New(s.cents, "payment", payment.Rules())
		require.ErrorIs(t, b.Commit(ctx, "held"), httpapi.Unavailable, "so it is looked for")
		require.Equal(t, []string{"held"}, s.doubts(t)["MariaDB"])
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // closes it for good
		require.Error(t, conn.PingContext(ctx))
		require.Eventually(t, func() bool { return b.Abort(ctx, "held") == nil }, time.Minute, time.Millisecond)
	})
}

// strangers prepares a transaction of somebody else's, with the same id even. Our
// coordinator does not know it, and presumes it aborted.
func (s shop) strangers(t *testing.T) {
	ctx := t.Context()
	require.NoError(t, furnish(ctx, s.units, s.cents))
	conn, err := s.cents.Conn(ctx)
	require.NoError(t, err)
	for _, statement := range []string{"XA START 'order-1.1.1','theirs'", "XA END 'order-1.1.1','theirs'", "XA PREPARE 'order-1.1.1','theirs'"} {
		_, err := conn.ExecContext(ctx, statement)
		require.NoError(t, err, statement)
	}
	b := mariadb.New(s.cents, "payment", payment.Rules())
	doubts, err := b.InDoubt(ctx)
	require.NoError(t, err)
	require.Empty(t, doubts, "what is not ours is not asked about")
	require.NoError(t, b.Abort(ctx, "order-1.1.1"))
	_, err = conn.ExecContext(ctx, "XA COMMIT 'order-1.1.1','theirs'")
	require.NoError(t, err, "it is still there")
	require.NoError(t, conn.Close())
}

// readers read an account all the time, each waiting for its lock, while orders
// want it one after the other.
func (s shop) readers(t *testing.T) {
	require.NoError(t, furnish(t.Context(), s.units, s.cents))
	b := postgres.New(s.units, stock.Rules())
	reading, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for reading.Err() == nil {
				_, _ = b.Account(reading, "tea")
			}
		})
	}
	const orders = 50
	refused := 0
	for i := range orders {
		id := fmt.Sprintf("order-1.1.%d", i)
		_, err := b.Prepare(t.Context(), id, participant.Wanted{Order: "order-1", Name: "tea", Amount: 1})
		if err != nil {
			require.ErrorIs(t, err, httpapi.Locked)
			refused++
		}
		require.NoError(t, b.Abort(t.Context(), id))
	}
	end()
	all.Wait()
	require.Less(t, refused, orders/2, "orders that met a reader; with NOWAIT it is most of them")
}

// many prepares at once as many transactions as there may be orders under way.
func (s shop) many(t *testing.T) {
	ctx := t.Context()
	require.NoError(t, furnish(ctx, s.units, s.cents))
	const orders = 256
	_, err := s.cents.ExecContext(ctx, fmt.Sprintf("INSERT INTO accounts SELECT concat('customer-', seq), 1 FROM seq_1_to_%d", orders))
	require.NoError(t, err)
	failed := make(chan error, orders)
	for i := range orders {
		go func() {
			w := participant.Wanted{Order: "order", Name: fmt.Sprintf("customer-%d", i+1), Amount: 1}
			_, err := mariadb.New(s.cents, "payment", payment.Rules()).Prepare(ctx, fmt.Sprintf("order.1.%d", i), w)
			failed <- err
		}()
	}
	for range orders {
		require.NoError(t, <-failed)
	}
}

// overtaken has an abort come while the branch that it aborts is at work.
func (s shop) overtaken(t *testing.T) {
	ctx := t.Context()
	require.NoError(t, furnish(ctx, s.units, s.cents))
	for name, at := range map[string]struct {
		db    *sql.DB
		begin string
		participant.Branches
	}{
		"PostgreSQL": {s.units, "BEGIN", postgres.New(s.units, stock.Rules())},
		"MariaDB":    {s.cents, "XA START 'order-1.1.1','payment'", mariadb.New(s.cents, "payment", payment.Rules())},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := at.db.Conn(ctx)
			require.NoError(t, err)
			for _, statement := range []string{at.begin, "INSERT INTO branches VALUES ('order-1.1.1', 'order-1', 'tea', 1, 'committed')"} {
				_, err := conn.ExecContext(ctx, statement)
				require.NoError(t, err, statement)
			}
			require.ErrorIs(t, at.Abort(ctx, "order-1.1.1"), httpapi.Unavailable, "not now")
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // closes it for good
			require.Eventually(t, func() bool { return at.Abort(ctx, "order-1.1.1") == nil }, time.Minute, time.Millisecond)
		})
	}
}

// names asks for accounts whose names are nearly those that there are.
func (s shop) names(t *testing.T) {
	ctx := t.Context()
	require.NoError(t, furnish(ctx, s.units, s.cents))
	for i, ada := range []string{"Ada", "ada ", "adá"} {
		id := fmt.Sprintf("order-1.1.%d", i)
		_, err := mariadb.New(s.cents, "payment", payment.Rules()).Prepare(ctx, id, participant.Wanted{Order: "order-1", Name: ada, Amount: 1})
		require.ErrorIs(t, err, httpapi.UnknownCustomer, "%q in MariaDB", ada)
		tea := strings.NewReplacer("Ada", "Tea", "ada", "tea", "adá", "teá").Replace(ada)
		_, err = postgres.New(s.units, stock.Rules()).Prepare(ctx, id, participant.Wanted{Order: "order-1", Name: tea, Amount: 1})
		require.ErrorIs(t, err, httpapi.UnknownItem, "%q in PostgreSQL", tea)
	}
}

func statuses(told []lab.Answer) (list []int) {
	for _, a := range told {
		list = append(list, a.Status)
	}
	return list
}
