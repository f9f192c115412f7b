//go:build unix

package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/customer"
	"example.com/dtx/lab/real"
)

// adoption is a run in which a second worker finishes what the first one has begun.
type adoption struct {
	cluster *real.Cluster
	dsn     string
	trace   string
	before  lab.Ledger
}

const lease = "3s" // of each worker

// adopt starts two workers, of this program if there is none. A fault will strike the first.
func (b *bench) adopt(t *testing.T, program, fault string) *adoption {
	t.Helper()
	a := &adoption{dsn: b.database(t, empty), trace: filepath.Join(t.TempDir(), "trace")}
	v := workers(2, engine(a.dsn, b.program,
		traceVariable+"="+a.trace, strikeVariable+"="+fault), lease)
	v.Services[0].Program, v.Services[1].Program = program, program
	var err error
	a.cluster, err = real.Start(t.Context(), v, real.Options{StayDown: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.cluster.Close()) })
	a.before, err = a.cluster.Ledger(t.Context())
	require.NoError(t, err)
	return a
}

// ask places the order at the first worker until the fault has struck it, and then at the
// second one until that has the final answer, but so many times at most. It returns all
// answers.
func (a *adoption) ask(t *testing.T, o lab.Order, tries int) (told []lab.Answer) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	first := make(chan []lab.Answer)
	go func() { first <- customer.Place(ctx, a.cluster.Client(), "order", o, 1) }()
	await(t, "the worker comes to the point", func() bool {
		return slices.Contains(a.points(), struck)
	})
	told = customer.Place(t.Context(), a.cluster.Client(), spare, o, tries)
	leave()
	return append(told, <-first...)
}

func (a *adoption) points() []string {
	text, _ := os.ReadFile(a.trace) // none yet
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// process returns the first worker's process; 0 if it has ended.
func (a *adoption) process() int {
	for _, p := range a.cluster.Processes() {
		if p.Service == "order" && p.Usage == (real.Usage{}) {
			return p.PID
		}
	}
	return 0
}

// judge audits the run.
func (a *adoption) judge(t *testing.T, s lab.Scenario, told []lab.Answer) real.Outcome {
	t.Helper()
	after, err := a.cluster.Ledger(t.Context())
	require.NoError(t, err)
	findings := chapter().Judge(s, a.before, after, told, nil)
	return real.Outcome{Told: told, After: after, Findings: findings, Events: a.cluster.Events()}
}

func TestAnotherWorkerTakesOver(t *testing.T) {
	b := newBench(t)
	for i, deed := range []string{"kill", "stop"} {
		var sum tally
		for _, s := range scenarios() {
			_, points := b.play(t, s.Name, "")
			t.Run(deed+" "+s.Name, func(t *testing.T) {
				for _, f := range sample(around(deed, underWay(points)), 61) {
					t.Run(f, func(t *testing.T) {
						t.Parallel()
						sum.add(t, b.takenOver(t, s, deed, f))
					})
				}
			})
		}
		t.Logf("%s: tried=%d broken=%d again=%d", deed, sum.Tried, sum.Broken, sum.Again)
		sum.keep(t, kinds()[2+i])
	}
}

// takenOver plays a run in which a fault strikes the first worker. One that was stopped is
// woken when the order has ended.
func (b *bench) takenOver(t *testing.T, s lab.Scenario, deed, fault string) real.Outcome {
	t.Helper()
	a := b.adopt(t, "", fault)
	told := a.ask(t, s.Orders[0], 9)
	if deed == "stop" {
		a.wake(t)
	}
	return a.judge(t, s, told)
}

func TestAStoppedWorkerCatchesAMissingTimeout(t *testing.T) {
	if testing.Short() {
		t.Skip("a customer waits in vain for some seconds")
	}
	b := newBench(t)
	m, program := mistaken(t, "idle-in-transaction")
	const point = "stop before COMMIT after INSERT operation_outputs #2"
	s := scenarios()[0]
	t.Run("with the mistake the order breaks what its header says", func(t *testing.T) {
		t.Parallel()
		a := b.adopt(t, program, point)
		require.Contains(t, invariants(a.judge(t, s, a.ask(t, s.Orders[0], 2))), m.Breaks)
	})
	t.Run("without it the other worker takes over", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, b.takenOver(t, s, "stop", point).Findings)
	})
}

// underWay returns the points from the workflow's record on: there is something to adopt.
func underWay(points []string) []string {
	return points[slices.Index(points, "INSERT workflow_status #1"):]
}

// wake has the first worker go on when its lease has expired, and waits until it has noticed
// that it was taken for dead.
func (a *adoption) wake(t *testing.T) {
	t.Helper()
	await(t, "the first worker is taken for dead", func() bool {
		return a.leases(t.Context()) == 1
	})
	require.NoError(t, syscall.Kill(a.process(), syscall.SIGCONT))
	await(t, "the first worker ends", func() bool { return a.process() == 0 })
}

// leases counts the workers that are taken for alive; -1 if that cannot be read.
func (a *adoption) leases(ctx context.Context) (n int) {
	db, err := pgx.Connect(ctx, a.dsn)
	if err != nil {
		return -1
	}
	defer db.Close(ctx)
	if err := db.QueryRow(ctx, "SELECT count(*) FROM workers").Scan(&n); err != nil {
		return -1
	}
	return n
}
