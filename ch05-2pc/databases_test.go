package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
	"example.com/dtx/lab/sim"
)

// databaseShop is the variant whose databases are servers, and the servers.
type databaseShop struct {
	lab.Variant
	backends
	postgres, mariadb *servers.Server
}

func serve(t *testing.T) databaseShop {
	t.Helper()
	s := databaseShop{
		postgres: serverstest.Start(t, servers.Postgres),
		mariadb:  serverstest.Start(t, servers.MariaDB),
	}
	var err error
	s.backends, err = openBackends(s.postgres.DSN, s.mariadb.DSN)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.close()) })
	s.Variant = s.variant()
	return s
}

func TestRealDatabases(t *testing.T) {
	t.Parallel()
	s := serve(t)
	t.Run("agree with the simulation on every crash", s.agree)
	t.Run("keep what is in doubt when coordinator and servers are killed", s.allDie)
	t.Run("PostgreSQL", func(t *testing.T) { s.inPostgres(t).test(t) })
	t.Run("MariaDB", func(t *testing.T) { s.inMariaDB(t).test(t) })
}

// agree kills real processes at each crash point, with real databases, and
// requires the ledgers and the verdict that the simulated rows have.
func (s databaseShop) agree(t *testing.T) {
	if testing.Short() {
		t.Skip("-short kills the coordinator and both servers, " +
			"and leaves the crash points one by one out")
	}
	scenario := chapter().Scenarios[0]
	stage := sim.NewStage(t, chapter(), inRows())
	require.NoError(t, s.furnish(t.Context()))
	plain, err := real.Play(t.Context(), chapter(), s.Variant, scenario)
	require.NoError(t, err)
	require.Empty(t, plain.Findings)
	simulated := stage.Run(t, scenario, nil).Offers
	var crashes []fault.Fault
	for _, f := range plain.Offers {
		// What only a slow machine passes, such as an inquiry, may never come again.
		same := func(o fault.Offer) bool { return o.Fault == f.Fault }
		if strings.HasPrefix(string(f.Kind), "crash") && slices.ContainsFunc(simulated, same) &&
			!strings.Contains(f.Point, "background") {
			crashes = append(crashes, f.Fault)
		}
	}
	require.NotEmpty(t, crashes)
	for _, f := range sim.Share(t, "crashes with real databases", crashes) {
		simulated := stage.Run(t, scenario, nil, f)
		real := sim.Real(t, chapter(), s.Variant, scenario, simulated, s.furnish)
		require.Equal(t, simulated.After, real.After, "%s: ledgers", f)
		require.Equal(t, simulated.Findings, real.Findings, "%s: verdict", f)
	}
}

// allDie kills the coordinator before or after its decision, and then both
// servers. What is in doubt is listed when they are up again, and resolved when
// the coordinator is.
func (s databaseShop) allDie(t *testing.T) {
	for _, row := range []struct {
		kind fault.Kind
		left int64 // tea, when all is over
	}{
		{fault.CrashBefore, 10},
		{fault.CrashAfter, 8},
	} {
		t.Run(string(row.kind)+" the decision", func(t *testing.T) {
			ctx := t.Context()
			require.NoError(t, s.furnish(ctx))
			death := fault.Fault{Kind: row.kind, Point: "order: commit POST /orders order-1 #1"}
			cluster, err := real.Start(ctx, s.Variant, real.Options{
				Plan: []fault.Fault{death}, StayDown: true,
			})
			require.NoError(t, err)
			defer func() { require.NoError(t, cluster.Close()) }()
			require.Equal(t, []int{0}, statuses(cluster.Place(ctx, shop.Tea(), 1)),
				"the coordinator is dead")

			for _, server := range []*servers.Server{s.postgres, s.mariadb} {
				require.NoError(t, server.Kill())
				require.NoError(t, server.Start(ctx))
			}
			doubts := s.doubts(t)
			require.Len(t, doubts["PostgreSQL"], 1, "in doubt after a restart of both servers")
			require.Equal(t, doubts["PostgreSQL"], doubts["MariaDB"])
			require.Regexp(t, `^order-1\.1\.`, doubts["MariaDB"][0],
				"on a slow machine it may be a later attempt")

			require.NoError(t, cluster.Revive("order"))
			require.NoError(t, cluster.Settle(ctx))
			require.Equal(t, map[string][]string{"PostgreSQL": nil, "MariaDB": nil}, s.doubts(t),
				"in doubt when the coordinator is back")
			ledger, err := cluster.Ledger(ctx)
			require.NoError(t, err)
			require.Empty(t, ledger.Stuck)
			require.Contains(t, ledger.Balances,
				lab.Balance{Kind: "stock", Account: "tea", Amount: row.left})
			require.Contains(t, ledger.Balances,
				lab.Balance{Kind: "payment", Account: "ada", Amount: 9000 + (row.left-8)*500})
		})
	}
}

// doubts lists what the servers themselves say is prepared.
func (s databaseShop) doubts(t *testing.T) map[string][]string {
	t.Helper()
	listed := map[string][]string{}
	for name, ask := range map[string]func(context.Context) ([]string, error){
		"PostgreSQL": s.units.InDoubt,
		"MariaDB":    s.cents.InDoubt,
	} {
		// The pool may hold connections to a server that was killed.
		require.Eventually(t, func() bool {
			ids, err := ask(t.Context())
			listed[name] = ids
			return err == nil
		}, time.Minute, time.Millisecond, name)
	}
	return listed
}

func statuses(told []lab.Answer) (list []int) {
	for _, a := range told {
		list = append(list, a.Status)
	}
	return list
}
