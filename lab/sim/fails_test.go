package sim_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

func TestEachOfTheseFlawsShowsUnderOneKindOnly(t *testing.T) {
	shows := map[toy.Flaw]fault.Kind{
		toy.NotBegunIsNo:    fault.NotBegun,
		toy.LookUpIsYes:     fault.FirstStatement,
		toy.NoteIsNoMatter:  fault.LastStatement,
		toy.GivesUp:         fault.DiskFull,
		toy.NotFoundIsFinal: fault.Stranger404,
		toy.GatewayIsYes:    fault.Stranger502,
		toy.AnythingIsYes:   fault.Stranger200,
		toy.CleansUp:        fault.GoodOrder,
	}
	for flaw, kind := range shows {
		t.Run(string(flaw), func(t *testing.T) {
			t.Parallel()
			require.Equal(t, []fault.Kind{kind}, breaking(t, stage(t, flaw)))
		})
	}
}

// breaking lists the kinds of fault that break a version of the toy.
func breaking(t *testing.T, s *sim.Stage) (kinds []fault.Kind) {
	t.Helper()
	success := scenario(t, "success")
	plain := s.Run(t, success, nil)
	require.Empty(t, plain.Wrong(success), "nothing was done to it")
	seen := map[fault.Kind]bool{}
	for _, o := range plain.Offers {
		r := s.Run(t, success, nil, o.Fault)
		require.Empty(t, r.Unfired)
		if len(r.Findings) > 0 && !seen[o.Kind] {
			t.Log(o.Fault, r.Findings)
			seen[o.Kind] = true
			kinds = append(kinds, o.Kind)
		}
	}
	return kinds
}

func TestAnErrorFromRunIsACrashWithARestart(t *testing.T) {
	t.Parallel()
	again := fault.Fault{Kind: fault.Lost, Point: "shop → till: POST /charge order-1 #2"}
	first := fault.Fault{Kind: fault.Lost, Point: charge}
	r := stage(t, toy.RunFails).Run(t, scenario(t, "success"), nil, first, again)
	require.Empty(t, r.Unfired)
	require.Empty(t, r.Findings)
	var life []string
	for _, e := range r.Events {
		if e.Kind == event.Crash || e.Kind == event.Restart {
			life = append(life, e.Service+" "+e.Data.Text)
		}
	}
	require.Equal(t, []string{"shop ends itself: its background work failed", "shop "}, life)
}

func TestAProcessThatEndsAtOnceIsStartedAgainLessAndLessOftenAlsoBesideAZombie(t *testing.T) {
	t.Parallel()
	restarts := func(plan ...fault.Fault) (n int) {
		r := stage(t, toy.RunFails).Run(t, scenario(t, "success"), nil, plan...)
		require.Empty(t, r.Unfired)
		for _, e := range r.Events {
			if e.Kind == event.Restart {
				n++
			}
		}
		return n
	}
	alone := restarts(fault.Fault{Kind: fault.Partition, Point: charge})
	require.Equal(t, alone+1, restarts(fault.Fault{Kind: fault.ZombieAsleep, Point: charge},
		fault.Fault{Kind: fault.Partition, Point: "shop → till: POST /charge order-1 #2"}))
}

func TestALostFsyncLosesAcknowledgedCommitsUnlessTheLogIsWrittenAnew(t *testing.T) {
	t.Parallel()
	success := scenario(t, "success")
	cured, uncured := stage(t, toy.None), stage(t, toy.None)
	uncured.Uncured()
	require.Zero(t, lostFsyncs(cured.Explore(t, success, false)))
	alone := lostFsyncs(uncured.Explore(t, success, false))
	require.NotZero(t, alone)
	uncured.OnePairOf(1 << 20)
	require.GreaterOrEqual(t, lostFsyncs(uncured.Explore(t, success, true)), alone,
		"a share of the pairs is less than none")
}

// lostFsyncs counts the runs that a lost fsync has broken.
func lostFsyncs(r lab.Report) (n int) {
	for _, d := range r.Damages {
		for _, cause := range d.Causes {
			if strings.HasPrefix(cause, string(fault.LostFsync)) {
				n++
			}
		}
	}
	return n
}
