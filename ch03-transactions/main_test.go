package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch03-transactions/attach"
	"example.com/dtx/ch03-transactions/durability"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) {
	attach.Child()
	durability.Child()
	sim.Main(m, chapter())
}

func TestEveryFault(t *testing.T) {
	t.Parallel()
	var three, one, two lab.Report
	t.Run("can tear an order of three statements", func(t *testing.T) {
		three = sim.EveryFault(t, chapter(), statements())
		require.NotZero(t, three.Broken)
	})
	t.Run("leaves an order in one transaction whole", func(t *testing.T) {
		one = sim.EveryFault(t, chapter(), transaction())
		sim.RequireWhole(t, chapter(), one)
	})
	t.Run("can tear an order over two databases", func(t *testing.T) {
		two = sim.EveryFault(t, chapter(), twoDatabases())
		require.Contains(t, damages(two), "payment without an order")
	})
	t.Run("is told in the lesson as it was found", func(t *testing.T) {
		if sim.OnlyFaults() {
			t.Skip("only the faults were asked for")
		}
		checkLesson(t, three, one, two)
	})
}

func TestTheSameFaultsGiveTheSameRun(t *testing.T) {
	t.Parallel()
	for _, v := range chapter().Variants {
		t.Run(v.Name, func(t *testing.T) { sim.SameAgain(t, chapter(), v, 50) })
	}
}

func damages(r lab.Report) (list []string) {
	for _, d := range r.Damages {
		list = append(list, d.Damage)
	}
	return list
}

func TestRealProcessesAndTheSimulationAgreeOnEveryCrash(t *testing.T) {
	t.Parallel()
	for _, v := range chapter().Variants {
		t.Run(v.Name, func(t *testing.T) {
			require.NotZero(t, sim.EveryCrash(t, chapter(), v, chapter().Scenarios[0]))
		})
	}
}

func TestAMistakeCanBeShownThatNoServiceIsNeededFor(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("-short leaves the mistakes out: each is built anew")
	}
	var said bytes.Buffer
	flags := []string{"-mistake", "forgotten-rollback"}
	require.NoError(t, cli.Run(t.Context(), chapter(), flags, &said, io.Discard))
	require.Contains(t, said.String(), "the connection never came back")
}

func TestTheSchemaRefusesWhatARowCanShowAndNothingElse(t *testing.T) {
	list, err := askSchema(t.Context(), t.TempDir())
	require.NoError(t, err)
	got := map[string]string{}
	for _, w := range list {
		got[w.what] = w.refusedBy
	}
	require.Equal(t, map[string]string{
		"a negative amount":               "CHECK",
		"an order by an unknown customer": "FOREIGN KEY",
		"the same order twice":            "UNIQUE",
		"an order without an item":        "NOT NULL",
		`"two" for a number`:              "STRICT",
		"units are gone without an order": "",
		"money that comes from nowhere":   "",
		"an order without a payment":      "",
	}, got)
}

func TestEachClassicMistakeIsCaught(t *testing.T) {
	t.Parallel()
	sim.EveryMistake(t, chapter())
}
