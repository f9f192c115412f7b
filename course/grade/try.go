package grade

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/course/study"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
)

// T is a step that is being tried. What is not about faults, a step checks as
// any test does.
type T struct {
	*testing.T
	exercise study.Exercise
	step     int
	journal  *journal
	runs     atomic.Int64 // each is progress
}

// try tries a step in this process, which was started for it.
func try(t *testing.T, e study.Exercise, n int, step Step) {
	t.Helper()
	j, ok := slog.Default().Handler().(*journal)
	if !ok {
		t.Fatal("its TestMain does not call grade.Main")
	}
	g := &T{T: t, exercise: e, step: n, journal: j}
	defer g.watch()()
	step.Try(g)
	g.requireNoneLeft()
	j.passed = n
}

// Survives plays a scenario of a chapter without a fault, and then under each of
// the plans: a fault, or several with " and " between them. The step fails with
// the first run that leaves damage.
func (t *T) Survives(c lab.Chapter, v lab.Variant, scenario string, plans ...string) {
	t.Helper()
	s, err := c.Scenario(scenario)
	require.NoError(t, err)
	v = t.watched(v)
	stage := sim.NewStage(t.T, c, v)
	t.withoutFault(stage, v, s)
	for _, plan := range plans {
		faults := parse(t, plan)
		t.journal.take()
		r := stage.Run(t.T, s, nil, faults...)
		if len(r.Findings) > 0 {
			t.fail(s, faults, v.Columns(), r.Events, findings(r.Findings)...)
		}
		if len(r.Unfired) > 0 {
			found := fmt.Sprintf("your program never came to %s", r.Unfired[0].Point)
			t.fail(s, faults, v.Columns(), r.Events, found)
		}
	}
}

// SurvivesEveryFault plays every scenario of a chapter under every single fault,
// and those of several orders in every interleaving. The step fails with the
// shortest run that leaves damage. Zombies are left out: the lessons do not have
// fencing yet.
func (t *T) SurvivesEveryFault(c lab.Chapter, v lab.Variant) {
	t.Helper()
	v = t.watched(v)
	for _, s := range c.Scenarios {
		stage := sim.NewStage(t.T, c, v).Without(fault.Zombies()...)
		if s.AtOnce() {
			t.damages(stage, v, s, stage.Interleave(t.T, s))
			continue
		}
		t.withoutFault(stage, v, s)
		t.damages(stage, v, s, stage.Explore(t.T, s, false))
	}
}

// withoutFault plays a scenario without a fault.
func (t *T) withoutFault(stage *sim.Stage, v lab.Variant, s lab.Scenario) {
	t.Helper()
	t.journal.take()
	r := stage.Run(t.T, s, nil)
	switch {
	case len(r.Findings) > 0:
		t.fail(s, nil, v.Columns(), r.Events, findings(r.Findings)...)
	case r.Wrong(s) != "":
		found := fmt.Sprintf("the client was told %v, and should be told %v", r.Told, s.Want)
		t.fail(s, nil, v.Columns(), r.Events, found)
	}
}

// damages fails with the shortest run of a report.
func (t *T) damages(stage *sim.Stage, v lab.Variant, s lab.Scenario, r lab.Report) {
	t.Helper()
	if len(r.Damages) == 0 {
		return
	}
	shortest := slices.MinFunc(r.Damages, func(a, b lab.Damage) int {
		return len(a.Events) - len(b.Events)
	})
	var found []string
	for _, d := range r.Damages {
		if slices.Equal(d.Plan, shortest.Plan) {
			found = append(found, d.Damage+": "+d.Text)
		}
	}
	runs := max(r.Faults, r.Schedules)
	found = append(found, fmt.Sprintf("(of %d runs, %d break)", runs, r.Broken))
	t.journal.take()
	stage.Run(t.T, s, nil, shortest.Plan...) // once more, for what it logs
	t.fail(s, shortest.Plan, v.Columns(), shortest.Events, found...)
}

func parse(t *T, plan string) (faults []fault.Fault) {
	t.Helper()
	for name := range strings.SplitSeq(plan, " and ") {
		f, err := fault.Parse(name)
		require.NoError(t, err)
		faults = append(faults, f)
	}
	return faults
}
