package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"example.com/dtx/internal/program"
	"example.com/dtx/lab/fault"
)

// list shows what there is to ask for.
func (c Chapter) list(ctx context.Context, t *Teller) error {
	rows := [][]string{{"-variant", ""}}
	for _, v := range c.Variants {
		rows = append(rows, []string{v.Name, v.About})
	}
	t.Table(rows)
	rows = [][]string{{"-scenario", "answers, if nothing fails"}}
	for _, s := range c.Scenarios {
		want := strings.Trim(fmt.Sprint(s.Want), "[]")
		rows = append(rows, []string{s.Name, strings.TrimSpace(want + "   " + s.meaning())})
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
	t.Table(append([][]string{{"INVARIANT", "each run is judged by these"}}, Invariants()...))
	return errors.Join(c.listPoints(ctx, t), c.listMistakes(ctx, t))
}

func (c Chapter) listMistakes(ctx context.Context, t *Teller) error {
	root, err := program.Root(".")
	if err != nil {
		return err
	}
	mistakes, err := c.Mistakes(root)
	rows := [][]string{{"-mistake", ""}}
	for _, m := range mistakes {
		rows = append(rows, []string{m.Name, m.What})
	}
	t.Table(rows)
	return err
}

// listPoints plays the first scenario of each variant and lists what could
// have struck where.
func (c Chapter) listPoints(ctx context.Context, t *Teller) error {
	for _, v := range c.Variants {
		o, err := c.Play(ctx, v, c.Scenarios[0])
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
