package lab

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
)

// Total adds up a variant's reports.
func Total(reports []Report, variant string) Report {
	sum := Report{Variant: variant, Scenario: "all"}
	for _, r := range reports {
		if r.Variant == variant {
			sum.Merge(r)
		}
	}
	return sum
}

// WorstFirst sorts kinds of damage by how many runs show them.
func WorstFirst(damages []Damage) []Damage {
	return slices.SortedFunc(slices.Values(damages), func(a, b Damage) int {
		return cmp.Or(b.Runs-a.Runs, cmp.Compare(a.Damage, b.Damage))
	})
}

// TellScores tries every fault on variants, in the simulation, and tells what
// breaks them, with the shortest run of each kind of damage.
func (c Chapter) TellScores(ctx context.Context, t *Teller, variants ...Variant) error {
	t.Say("Trying every fault in the simulation …")
	reports, err := c.Simulate(ctx)
	if err != nil {
		return err
	}
	rows := [][]string{
		{"variant", "points", "faults", "that break it", "interleavings", "that break it"},
	}
	var sums []Report
	for _, v := range variants {
		sum := Total(reports, v.Name)
		sums = append(sums, sum)
		row := []string{v.Name}
		for _, n := range []int{
			sum.Points, sum.Faults, sum.Broken - sum.Torn, sum.Schedules, sum.Torn,
		} {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, row)
	}
	t.Table(rows)
	t.Table(KindTable(sums...))
	for i, v := range variants {
		if err := t.damages(v, sums[i]); err != nil {
			return err
		}
	}
	return nil
}

// damages lists the kinds of damage to a variant, and draws each once; what
// befalls stock, payment and delivery alike is drawn for one of them.
func (t *Teller) damages(v Variant, sum Report) error {
	if sum.Broken == 0 {
		return nil
	}
	rows := [][]string{{"runs", "damage to " + v.Name, "breaks", "shortest with"}}
	for _, d := range WorstFirst(sum.Damages) {
		rows = append(rows, []string{strconv.Itoa(d.Runs), d.Damage, d.Invariant, d.Cause()})
	}
	t.Table(rows)
	drawn := map[string]bool{}
	for _, d := range WorstFirst(sum.Damages) {
		_, kind, _ := strings.Cut(d.Damage, " ")
		if drawn[kind] {
			continue
		}
		drawn[kind] = true
		t.Say("%s, with %s:", d.Damage, d.Cause())
		if err := t.Draw(v.Columns(), d.Events); err != nil {
			return err
		}
	}
	return nil
}
