package main

import (
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"
	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/servers/serverstest"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/source"
)

func TestMain(m *testing.M) {
	real.Child(chapter())
	slog.SetDefault(slog.New(slog.DiscardHandler)) // runs fail on purpose
	os.Exit(m.Run())
}

// bench is a PostgreSQL, chapter 4's program, and a database for each run.
type bench struct {
	server  *servers.Server
	program string
	db      *sql.DB
	made    atomic.Int64
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{server: serverstest.Start(t, servers.Postgres)}
	program, remove, err := source.Build(t.Context(), "ch04-saga")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, remove()) })
	b.program = program
	b.db, err = b.server.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.db.Close()) })
	b.migrate(t)
	return b
}

// empty is the database with the engine's tables, for others to be made of.
const empty = "engine"

// migrate makes the empty database.
func (b *bench) migrate(t testing.TB) {
	t.Helper()
	_, err := b.db.ExecContext(t.Context(), "CREATE DATABASE "+empty)
	require.NoError(t, err)
	engine, err := dbos.NewContext(t.Context(), dbos.Config{
		AppName: "shop", DatabaseURL: b.dsn(empty), Logger: slog.Default(),
	})
	require.NoError(t, err)
	require.NoError(t, dbos.Shutdown(engine, time.Second))
}

func (b *bench) dsn(database string) string {
	return strings.Replace(b.server.DSN, "dbname=postgres", "dbname="+database, 1)
}

// database makes a database like another one, and returns its DSN.
func (b *bench) database(t testing.TB, template string) string {
	t.Helper()
	name := fmt.Sprintf("run%d", b.made.Add(1))
	_, err := b.db.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template)
	require.NoError(t, err)
	t.Cleanup(func() { // hundreds of them are a gigabyte
		_, err := b.db.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		require.NoError(t, err)
	})
	return b.dsn(name)
}

// play plays a scenario on an empty database under a plan of faults, and returns the
// points that its worker came to.
func (b *bench) play(
	t *testing.T, scenario, strike string, plan ...fault.Fault,
) (real.Outcome, []string) {
	t.Helper()
	return b.playWith(t, "", scenario, strike, plan...)
}

// playWith plays a scenario with a worker of another program.
func (b *bench) playWith(
	t *testing.T, worker, scenario, strike string, plan ...fault.Fault,
) (real.Outcome, []string) {
	t.Helper()
	trace := filepath.Join(t.TempDir(), "trace")
	variant := engine(b.database(t, empty), b.program,
		traceVariable+"="+trace, strikeVariable+"="+strike)
	variant.Services[0].Program = worker
	c := chapter()
	s, err := c.Scenario(scenario)
	require.NoError(t, err)
	outcome, err := real.Play(t.Context(), c, variant, s, plan...)
	require.NoError(t, err)
	text, err := os.ReadFile(trace)
	require.NoError(t, err)
	return outcome, strings.Split(strings.TrimSpace(string(text)), "\n")
}

func TestAnOrderGoesThrough(t *testing.T) {
	b := newBench(t)
	for _, s := range scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			o, _ := b.play(t, s.Name, "")
			require.Empty(t, o.Findings)
			require.Len(t, o.Told, 1)
			require.Equal(t, s.Want[0], o.Told[0].Status, o.Told[0])
		})
	}
}

func TestAKeyIsOneOrder(t *testing.T) {
	b := newBench(t)
	c, err := real.Start(t.Context(), engine(b.database(t, empty), b.program), real.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	ask := func(change func(o *lab.Order)) int {
		o := tea()
		change(&o)
		return c.Place(t.Context(), o, 1)[0].Status
	}
	require.Equal(t, 201, ask(func(*lab.Order) {}))
	require.Equal(t, 201, ask(func(*lab.Order) {}), "asked again")
	require.Equal(t, 422, ask(func(o *lab.Order) { o.Quantity = 3 }), "another order")
	require.Equal(t, 422, ask(func(o *lab.Order) { o.Item = "gold" }), "another order")
	require.Equal(t, 422, ask(func(o *lab.Order) { o.Key, o.Item = "order-2", "gold" }))
	require.Equal(t, 422, ask(func(o *lab.Order) { o.Key, o.Quantity = "order-2", 101 }))
	stock, err := c.Ledger(t.Context())
	require.NoError(t, err)
	require.Len(t, stock.Effects, 4, "one order: %v", stock.Effects)
}

func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	require.Eventually(t, holds, time.Minute, 20*time.Millisecond, "never: %s", what)
}
