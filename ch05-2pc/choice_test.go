package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
)

// TestThePageThatComparesBothChaptersIsTrue counts an order in this chapter and,
// through its program, in chapter 4.
func TestThePageThatComparesBothChaptersIsTrue(t *testing.T) {
	t.Parallel()
	if os.Getenv(lab.ReportVariable) != "" {
		t.Skip("only the exploration was asked for")
	}
	program, remove, err := lab.Build(t.Context(), "ch04-saga")
	require.NoError(t, err)
	defer func() { require.NoError(t, remove()) }()
	scenario, err := chapter().Scenario("success")
	require.NoError(t, err)
	refused, err := chapter().Scenario("slot full")
	require.NoError(t, err)
	stage := sim.NewStage(t, chapter(), inRows())
	readme.Check(t, "..", "SAGA-OR-2PC.md", readme.Config{Generated: map[string]string{
		"counted":  counted(sagaEvents(t, program, "success"), stage.Run(t, scenario, nil).Events, sagaEvents(t, program, "slot full"), stage.Run(t, refused, nil).Events),
		"measured": measured(t),
	}})
}

// sagaEvents plays a scenario in chapter 4's program.
func sagaEvents(t *testing.T, program, scenario string) []event.Event {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, "-variant", "orchestrated", "-scenario", scenario, "-json").Output()
	require.NoError(t, err)
	events, err := event.Read(strings.NewReader(string(out)))
	require.NoError(t, err)
	return events
}

func counted(saga, twopc, sagaNo, twopcNo []event.Event) string {
	var b strings.Builder
	fmt.Fprintln(&b, "| | saga | two-phase commit |\n|---|---|---|")
	row := func(name string, count func([]event.Event) int, saga, twopc []event.Event) {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", name, count(saga), count(twopc))
	}
	row("messages for an order, answers included", sent, saga, twopc)
	row("forced writes", forcedFor, saga, twopc)
	row("of them, before the customer is told", forcedBeforeAnswer, saga, twopc)
	row("messages for an order that delivery refuses", sent, sagaNo, twopcNo)
	row("forced writes for that one", forcedFor, sagaNo, twopcNo)
	return b.String()
}

func sent(events []event.Event) (n int) {
	for _, e := range events {
		if e.Kind == event.Send {
			n++
		}
	}
	return n
}

// forcedFor leaves out what a process forces at its start.
func forcedFor(events []event.Event) (n int) {
	for _, e := range events {
		if e.Kind == event.Commit && e.Data.Forced && strings.Contains(e.Point, "order-1") {
			n++
		}
	}
	return n
}

// forcedBeforeAnswer counts what is forced before the customer's answer is sent
// and is not of the second phase, which only happens to be as quick.
func forcedBeforeAnswer(events []event.Event) int {
	for i, e := range events {
		if e.Kind == event.Send && e.Data.Peer == lab.Client {
			return forcedFor(events[:i])
		}
	}
	return 0
}

// saved is what a benchmark has measured, and where.
type saved struct {
	Machine string
	Rows    []savedRow
}

type savedRow struct {
	Clients             int
	Orders, Protocol    string
	PerSecond, P50, P99 float64 // p50 and p99 in ms
	Forced, NotDone     float64 // for each order
}

const savedFile = "figures/measured.json"

// measured is the table of the benchmark's last run that was saved.
func measured(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(savedFile)
	require.NoError(t, err)
	var s saved
	require.NoError(t, json.Unmarshal(text, &s))
	var b strings.Builder
	fmt.Fprintln(&b, "| clients | orders | | orders/s | p50 | p99 | forced writes an order | not done |\n|---|---|---|---|---|---|---|---|")
	for _, r := range s.Rows {
		fmt.Fprintf(&b, "| %d | %s | %s | %.0f | %.0f ms | %.0f ms | %.2f | %.0f %% |\n", r.Clients, r.Orders, r.Protocol, r.PerSecond, r.P50, r.P99, r.Forced, 100*r.NotDone)
	}
	fmt.Fprintf(&b, "\n(%s)\n", s.Machine)
	return b.String()
}
