package sim

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/program"
	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/source"
)

// Share returns what the second tier of tests tries of a list whose every item takes
// seconds: every fourth. It returns all if lab.WholeVariable is set.
func Share[T any](t *testing.T, what string, list []T) (share []T) {
	t.Helper()
	if os.Getenv(lab.WholeVariable) != "" {
		return list
	}
	for i := 0; i < len(list); i += 4 {
		share = append(share, list[i])
	}
	t.Logf("%d of %d %s; .ci/long tries all", len(share), len(list), what)
	return share
}

// EveryMistake puts each of a chapter's classic mistakes into its code (every fourth,
// but in the long tier), and requires that the laboratory catches it as its header
// says.
func EveryMistake(t *testing.T, c lab.Chapter) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves the mistakes out: each is built anew")
	}
	root, err := program.Root(".")
	require.NoError(t, err)
	mistakes, err := source.Mistakes(c, root)
	require.NoError(t, err)
	for _, m := range Share(t, "mistakes", mistakes) {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			reports, err := m.Explore(t.Context(), c, root)
			require.NoError(t, err)
			found, err := m.Caught(reports)
			require.NoError(t, err)
			if m.Breaks == source.Nothing {
				fmt.Fprintf(t.Output(), "harmless: %s: %s\n", m.Name, lab.Total(reports, m.Variant))
				return
			}
			caught := []any{m.Name, found.Scenario, found.Text, found.Cause()}
			fmt.Fprintf(t.Output(), "caught: %s: %s: %s (%s)\n", caught...)
		})
	}
}

// playedAtOnce is how many scenarios run in real processes at the same time:
// mostly they wait.
const playedAtOnce = 8

// EveryCrash plays a scenario in real processes, killed at each crash point in
// turn (at every fourth, but in the long tier), or ended by a failed commit, and
// requires what the simulation says: the same points, the same final ledgers, the same
// verdict. It returns how many crashes there were. If kinds are named, there are only
// these.
//
// Of a variant that works in the background, the clock decides how often
// something is tried again, and whether an answer gets out before a crash.
// There, a real run must pass no point that the simulation does not know, which
// transaction it serves and how often aside, and what clients are told is left to the verdict.
func EveryCrash(
	t *testing.T, c lab.Chapter, v lab.Variant, scenario lab.Scenario, kinds ...fault.Kind,
) (crashes int) {
	t.Helper()
	stage := NewStage(t, c, v)
	plain := stage.Run(t, scenario, nil)
	offers := slices.DeleteFunc(plain.Offers, func(o fault.Offer) bool {
		return o.Seq > worked(v, plain.Events)+1
	})
	var simulated []Run
	for _, o := range Share(t, "crashes in real processes", crashesAmong(offers, kinds)) {
		simulated = append(simulated, stage.Run(t, scenario, nil, o.Fault))
	}
	known := map[string]bool{} // to the simulation, under any single fault
	learn := func(r Run) {
		for _, p := range r.Passed {
			known[kind(p, scenario)] = true
		}
	}
	for _, r := range simulated {
		learn(r)
	}
	unknown := func(p fault.Point) bool { return !known[kind(p, scenario)] }
	for i, played := range playAll(t, c, v, scenario, simulated) {
		f, simulated := simulated[i].Plan[0], simulated[i]
		if simulated.Runners {
			for len(offers) > 0 && slices.ContainsFunc(played.Passed, unknown) {
				learn(stage.Run(t, scenario, nil, offers[0].Fault))
				offers = offers[1:]
			}
			for _, p := range played.Passed {
				require.False(t, unknown(p),
					"%s: the real run passed %s, which the simulation does not know", f, p)
			}
		} else {
			require.Equal(t, names(simulated.Passed), names(played.Passed),
				"%s: points that the simulated and the real run passed", f)
			require.Equal(t, simulated.Told, played.Told, "%s: what the client was told", f)
		}
		require.Equal(t, simulated.After, played.After, "%s: ledgers", f)
		require.Equal(t, simulated.Findings, played.Findings, "%s: verdict", f)
	}
	return len(simulated)
}

// crashesAmong are the faults that end a process: those of some kinds only, if there are any.
func crashesAmong(offers []fault.Offer, kinds []fault.Kind) []fault.Offer {
	return slices.DeleteFunc(slices.Clone(offers), func(o fault.Offer) bool {
		ends := strings.HasPrefix(string(o.Kind), "crash") ||
			o.Kind == fault.NotApplied || o.Kind == fault.Applied
		return !ends || len(kinds) > 0 && !slices.Contains(kinds, o.Kind)
	})
}

// worked returns the number of the last event that shows work. Requests that wait until
// something happens go on behind it, in the simulation until it is at rest.
func worked(v lab.Variant, events []event.Event) (seq int) {
	for _, e := range events {
		waits := func(op string) bool { return strings.Contains(e.Point, ": "+op) }
		if !slices.ContainsFunc(v.Waits, waits) {
			seq = e.Seq
		}
	}
	return seq
}

// playAll plays in real processes what was simulated, once under each fault.
func playAll(
	t *testing.T, c lab.Chapter, v lab.Variant, scenario lab.Scenario, simulated []Run,
) []real.Outcome {
	t.Helper()
	outcomes, failed := make([]real.Outcome, len(simulated)), make([]error, len(simulated))
	places := make(chan struct{}, playedAtOnce)
	var all sync.WaitGroup
	for i, s := range simulated {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			outcomes[i], failed[i] = real.Play(t.Context(), c, v, scenario, s.Plan...)
		})
	}
	all.Wait()
	for i, err := range failed {
		require.NoError(t, err, "%s", simulated[i].Plan)
		if late(simulated[i], outcomes[i]) || other(simulated[i], outcomes[i]) {
			require.Equal(t, simulated[i].Findings, outcomes[i].Findings,
				"%s: verdict of another course", simulated[i].Plan)
			outcomes[i] = Real(t, c, v, scenario, simulated[i], nothing)
		}
	}
	return outcomes
}

func nothing(context.Context) error { return nil }

// Real plays in real processes what was simulated under a fault, a few times if need
// be: where the machine is so slow that a timeout strikes first, or a restart comes
// first, the run takes another course, which must be as right as the simulated one.
// Before each time, furnish makes anew what the laboratory does not.
func Real(
	t *testing.T, c lab.Chapter, v lab.Variant, scenario lab.Scenario, simulated Run,
	furnish func(context.Context) error,
) (o real.Outcome) {
	t.Helper()
	for range 5 {
		err := furnish(t.Context())
		if err == nil {
			o, err = real.Play(t.Context(), c, v, scenario, simulated.Plan...)
		}
		require.NoError(t, err, "%s", simulated.Plan)
		if !late(simulated, o) && !other(simulated, o) {
			break
		}
		require.Equal(t, simulated.Findings, o.Findings,
			"%s: verdict of another course", simulated.Plan)
	}
	require.Empty(t, o.Unfired, "in real processes it never came")
	return o
}

// late tells whether a timeout struck the real run that did not strike the simulated
// one: the fault did not come, or an order was given up.
func late(simulated Run, real real.Outcome) bool {
	givenUp := func(a lab.Answer) bool { return a.Status == http.StatusServiceUnavailable }
	return len(real.Unfired) > 0 ||
		slices.ContainsFunc(real.Told, givenUp) && !slices.ContainsFunc(simulated.Told, givenUp)
}

// other tells whether a real run has taken another course than the simulated one: after a
// crash at the start, the process may be up again before the order comes. Then the clients
// are told something else, too.
func other(simulated Run, real real.Outcome) bool {
	return !assert.ObjectsAreEqual(simulated.After, real.After) &&
		!assert.ObjectsAreEqual(simulated.Told, real.Told)
}

// kind is a point's name without the number, and without what it is about: an
// order, or something that is named after one, in the key or in the path.
func kind(p fault.Point, scenario lab.Scenario) string {
	p.Key = ""
	parts := strings.Split(p.Op, "/")
	for i, part := range parts {
		ofAnOrder := func(o lab.Order) bool { return strings.HasPrefix(part, o.Key) }
		if slices.ContainsFunc(scenario.Orders, ofAnOrder) {
			parts[i] = "…"
		}
	}
	p.Op = strings.Join(parts, "/")
	return p.Base()
}

func names(passed []fault.Point) []string {
	list := make([]string, len(passed))
	for i, p := range passed {
		list[i] = p.String()
	}
	slices.Sort(list)
	return list
}
