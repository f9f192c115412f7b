package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/toy"
)

// The points that the toy passes when nothing fails.
const (
	order   = "client → shop: POST /orders order-1 #1"
	ordered = "shop: POST /orders order-1 #1"
	opening = "shop: commit POST /orders order-1 #1" // forced
	charge  = "shop → till: POST /charge order-1 #1"
	charged = "till: POST /charge order-1 #1"
	taking  = "till: commit POST /charge order-1 #1" // forced
	ending  = "shop: commit POST /orders order-1 #2" // not forced
	second  = "client → shop: POST /orders order-10 #1"
)

// struck says what a kind of fault does at a point.
type struck struct {
	kind     fault.Kind
	point    string
	flaw     toy.Flaw // "" is none
	scenario string   // "" is one order
	does     string   // what happens from the fault on, as tell tells it
	told     []int    // what the clients were told; 0 is no answer
	left     int64    // what is left in ada's account, of 10000 at first
}

func TestEveryKindOfFaultDoesWhatItsNameSays(t *testing.T) {
	rows := slices.Concat(
		faultsOfCommits(), faultsOfRequests(), faultsOfServing(), faultsOfZombies(),
		faultsOfTheLiving())
	for _, row := range rows {
		t.Run(string(row.kind)+" @ "+row.point, func(t *testing.T) {
			t.Parallel()
			row.check(t)
		})
	}
	for _, k := range fault.Kinds() {
		if !slices.ContainsFunc(rows, func(s struck) bool { return s.kind == k }) {
			t.Errorf("no row shows what %q does", k)
		}
	}
}

func (s struck) check(t *testing.T) {
	if s.flaw == "" {
		s.flaw = toy.None
	}
	if s.scenario == "" {
		s.scenario = "success"
	}
	f := fault.Fault{Kind: s.kind, Point: s.point}
	r := stage(t, s.flaw).Run(t, scenario(t, s.scenario), nil, f)
	require.Empty(t, r.Unfired, "the run never came to the fault")
	coherent(t, r)
	from := slices.IndexFunc(r.Events, func(e event.Event) bool { return e.Data.Fault != "" })
	require.Equal(t, strings.TrimLeft(s.does, "\n"), tell(r.Events[from:]), "events after %s", f)
	var told []int
	for _, a := range r.Told {
		told = append(told, a.Status)
	}
	require.Equal(t, s.told, told, "answers after %s", f)
	require.Equal(t, s.left, r.After.Balances[0].Amount, "ada's account after %s", f)
}

// tell writes events down, one a line.
func tell(events []event.Event) string {
	var b strings.Builder
	for _, e := range events {
		line := e.Service + " "
		switch e.Kind {
		case event.Send:
			line += fmt.Sprintf("sends %s to %s: %s", e.Message, e.Data.Peer, e.Data.Text)
		case event.Receive:
			line += "receives " + e.Message
		case event.Drop:
			line = e.Message + " is lost"
		case event.Commit:
			line += map[bool]string{true: "commits and forces", false: "commits"}[e.Data.Forced]
		case event.Crash:
			line += "dies " + e.Data.Text
		case event.Restart:
			line += "restarts"
		case event.Replaced:
			line += "goes on as " + e.Data.Peer
		case event.State:
			line += e.Data.Text
		case event.Verdict:
			line = "BROKEN " + e.Data.Text
		}
		line = strings.TrimSpace(line)
		if e.Data.Fault != "" {
			line += " (" + e.Data.Fault + ")"
		}
		fmt.Fprintln(&b, line)
	}
	return b.String()
}
