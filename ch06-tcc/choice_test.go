package main

import (
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

// TestThePageThatComparesTheProtocolsIsTrue counts an order in this chapter and,
// through their programs, in chapters 4 and 5.
func TestThePageThatComparesTheProtocolsIsTrue(t *testing.T) {
	t.Parallel()
	if os.Getenv(lab.ReportVariable) != "" {
		t.Skip("only the exploration was asked for")
	}
	list, remove, err := built(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, remove()) }()
	readme.Check(t, "..", "WHICH-PROTOCOL.md", readme.Config{Generated: map[string]string{
		"counted":  counted(t, list),
		"measured": measured(t),
	}})
}

// eventsOf plays a scenario of a rival.
func eventsOf(t *testing.T, r rival, scenario string) []event.Event {
	t.Helper()
	if r.Program == "" {
		s, err := chapter().Scenario(scenario)
		require.NoError(t, err)
		return sim.NewStage(t, chapter(), r.Variant).Run(t, s, nil).Events
	}
	args := []string{"-variant", r.Variant.Name, "-scenario", scenario, "-json"}
	out, err := exec.CommandContext(t.Context(), r.Program, args...).Output()
	require.NoError(t, err)
	events, err := event.Read(strings.NewReader(string(out)))
	require.NoError(t, err)
	return events
}

func counted(t *testing.T, list []rival) string {
	t.Helper()
	rows := [][]string{
		{""}, {"messages for an order, answers included"}, {"forced writes"},
		{"forced writes before the customer is told"},
		{"messages for an order that delivery refuses"},
		{"forced writes for an order that delivery refuses"},
	}
	for _, r := range list {
		yes, no := eventsOf(t, r, "success"), eventsOf(t, r, "slot full")
		rows[0] = append(rows[0], r.Name)
		for i, n := range []int{
			sent(yes), forcedFor(yes), forcedBeforeAnswer(yes), sent(no), forcedFor(no),
		} {
			rows[i+1] = append(rows[i+1], fmt.Sprint(n))
		}
	}
	return readme.Markdown(rows)
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
	Rows    []measuredRow
}

const savedFile = "figures/measured.json"

// measured is the table of the benchmark's last run that was saved.
func measured(t *testing.T) string {
	t.Helper()
	s := readme.Measured[saved](t, savedFile)
	rows := [][]string{{
		"clients", "orders", "", "orders/s", "p50", "p99", "forced writes an order", "not done",
	}}
	for _, r := range s.Rows {
		rows = append(rows, r.cells())
	}
	return readme.Markdown(rows) + "\n(" + s.Machine + ")\n"
}
