package source

import (
	"context"
	"strconv"
	"strings"

	"example.com/dtx/lab"
)

// TellScores tries every fault on variants, in the simulation, and tells what
// breaks them, with the shortest run of each kind of damage.
func TellScores(ctx context.Context, t *lab.Teller, c lab.Chapter, variants ...lab.Variant) error {
	t.Say("Trying every fault in the simulation …")
	reports, err := Simulate(ctx, c)
	if err != nil {
		return err
	}
	rows := [][]string{
		{"variant", "points", "faults", "that break it", "interleavings", "that break it"},
	}
	var sums []lab.Report
	for _, v := range variants {
		sum := lab.Total(reports, v.Name)
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
	t.Table(lab.KindTable(sums...))
	for i, v := range variants {
		if err := tellDamages(t, v, sums[i]); err != nil {
			return err
		}
	}
	return nil
}

// tellDamages lists the kinds of damage to a variant, and draws each once; what
// befalls stock, payment and delivery alike is drawn for one of them.
func tellDamages(t *lab.Teller, v lab.Variant, sum lab.Report) error {
	if sum.Broken == 0 {
		return nil
	}
	rows := [][]string{{"runs", "damage to " + v.Name, "breaks", "shortest with"}}
	for _, d := range lab.WorstFirst(sum.Damages) {
		rows = append(rows, []string{strconv.Itoa(d.Runs), d.Damage, d.Invariant, d.Cause()})
	}
	t.Table(rows)
	drawn := map[string]bool{}
	for _, d := range lab.WorstFirst(sum.Damages) {
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
