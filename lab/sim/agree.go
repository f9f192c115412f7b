package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

// EveryMistake puts each of a chapter's classic mistakes into its code, and
// requires that the laboratory catches it as its header says.
func EveryMistake(t *testing.T, c lab.Chapter) {
	t.Helper()
	root, err := lab.Root(t.Context())
	require.NoError(t, err)
	mistakes, err := c.Mistakes(root)
	require.NoError(t, err)
	for _, m := range mistakes {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			reports, err := m.Explore(t.Context(), c, root)
			require.NoError(t, err)
			found, err := m.Caught(reports)
			require.NoError(t, err)
			if m.Breaks == lab.Nothing {
				fmt.Fprintf(t.Output(), "harmless: %s: %s\n", m.Name, lab.Total(reports, m.Variant))
				return
			}
			fmt.Fprintf(t.Output(), "caught: %s: %s (%s)\n", m.Name, found.Text, found.Cause())
		})
	}
}

// EveryCrash plays a scenario in real processes, killed at each crash point in
// turn, or ended by a failed commit, and requires what the simulation says: the same points, the same final
// ledgers, the same verdict. Of a variant that does several things side by side,
// only ledgers and verdict can be the same. It returns how many crashes there were.
func EveryCrash(t *testing.T, c lab.Chapter, v lab.Variant, scenario lab.Scenario) (crashes int) {
	t.Helper()
	stage := NewStage(t, c, v)
	plain := stage.Run(t, scenario, nil)
	for _, offer := range plain.Offers {
		f := offer.Fault
		if !strings.HasPrefix(string(f.Kind), "crash") && f.Kind != fault.NotApplied && f.Kind != fault.Applied {
			continue
		}
		crashes++
		t.Run(f.String(), func(t *testing.T) {
			t.Parallel()
			agree(t, c, v, scenario, f, stage)
		})
	}
	return crashes
}

// agree plays a scenario under one fault in both worlds.
func agree(t *testing.T, c lab.Chapter, v lab.Variant, scenario lab.Scenario, f fault.Fault, stage *Stage) {
	t.Helper()
	simulated := stage.Run(t, scenario, nil, f)
	real := Real(t, c, v, scenario, f)
	if !v.SideBySide {
		require.Equal(t, names(simulated.Passed), names(real.Passed), "points that the simulated and the real run passed")
		require.Equal(t, simulated.Told, real.Told, "what the client was told")
	}
	require.Equal(t, simulated.After, real.After, "ledgers")
	require.Equal(t, simulated.Findings, real.Findings, "verdict")
}

// Real plays a scenario in real processes under a fault that has to come. Where
// the machine is so slow that a timeout strikes first, the run takes another
// course: then it is played again.
func Real(t *testing.T, c lab.Chapter, v lab.Variant, scenario lab.Scenario, f fault.Fault) (o lab.Outcome) {
	t.Helper()
	for range 3 {
		var err error
		o, err = c.Play(t.Context(), v, scenario, f)
		require.NoError(t, err, f.String())
		if len(o.Unfired) == 0 {
			return o
		}
	}
	require.Fail(t, "in real processes it never came", f.String())
	return o
}

func names(passed []fault.Point) []string {
	list := make([]string, len(passed))
	for i, p := range passed {
		list[i] = p.String()
	}
	slices.Sort(list)
	return list
}
