package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"example.com/dtx/internal/program"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/source"
)

// list shows what there is to ask for.
func list(ctx context.Context, c lab.Chapter, t *lab.Teller) error {
	rows := [][]string{{"-variant", ""}}
	for _, v := range c.Variants {
		rows = append(rows, []string{v.Name, v.About})
	}
	t.Table(rows)
	rows = [][]string{{"-scenario", "answers, if nothing fails"}}
	for _, s := range c.Scenarios {
		want := strings.Trim(fmt.Sprint(s.Want), "[]")
		rows = append(rows, []string{s.Name, strings.TrimSpace(want + "   " + meaning(s))})
	}
	t.Table(rows)
	rows = [][]string{{"-experiment", ""}}
	for _, e := range c.Experiments {
		rows = append(rows, []string{e.Name, e.Claim})
	}
	t.Table(rows)
	rows = [][]string{{"KIND of fault", ""}}
	for _, k := range fault.Kinds() {
		rows = append(rows, []string{string(k), k.Meaning()})
	}
	t.Table(rows)
	t.Table(append([][]string{{"INVARIANT", "each run is judged by these"}}, lab.Invariants()...))
	return errors.Join(listPoints(ctx, c, t), listMistakes(c, t))
}

func listMistakes(c lab.Chapter, t *lab.Teller) error {
	root, err := program.Root(".")
	if err != nil {
		return err
	}
	mistakes, err := source.Mistakes(c, root)
	rows := [][]string{{"-mistake", ""}}
	for _, m := range mistakes {
		rows = append(rows, []string{m.Name, m.What})
	}
	t.Table(rows)
	return err
}

// listPoints plays the first scenario of each variant and lists what could
// have struck where.
func listPoints(ctx context.Context, c lab.Chapter, t *lab.Teller) error {
	for _, v := range c.Variants {
		o, err := real.Play(ctx, c, v, c.Scenarios[0])
		if err != nil {
			return err
		}
		const points = "\n  -fault 'KIND @ POINT' with -variant %s -scenario '%s':"
		t.Say(points, v.Name, c.Scenarios[0].Name)
		for _, p := range o.Passed {
			var kinds []string
			for _, f := range o.Offers {
				if f.Point == p.String() {
					kinds = append(kinds, string(f.Kind))
				}
			}
			t.Say("\n  %s\n      %s", p, strings.Join(kinds, " · "))
		}
	}
	return nil
}

// meaning says in a sentence what is special about a scenario; empty if nothing is.
func meaning(s lab.Scenario) string {
	switch {
	case s.Release != "":
		back := "a service that has died comes back as its version " + s.Release
		if s.Version != "" {
			back = "it begins with the version " + s.Version + "; " + back
		}
		return strings.TrimSuffix(back+": "+s.Means, ": ")
	case s.Change.SQL != "":
		return s.Change.Means + " between the first answer and its repetition"
	case s.Version != "":
		return s.Version + "; at rest one more order gets its final answer"
	}
	return ""
}
