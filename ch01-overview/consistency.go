package main

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"example.com/dtx/lab"
)

// consistency tries every fault on both architectures, and draws the shortest
// run of each kind of damage.
func consistency(ctx context.Context, t *lab.Teller) error {
	t.Say("Trying every fault in the simulation …")
	reports, err := chapter().Simulate(ctx)
	if err != nil {
		return err
	}
	rows := [][]string{{"variant", "points", "faults", "interleavings", "broken"}}
	for _, v := range chapter().Variants {
		sum := total(reports, v.Name)
		rows = append(rows, []string{v.Name, strconv.Itoa(sum.Points), strconv.Itoa(sum.Faults), strconv.Itoa(sum.Schedules), strconv.Itoa(sum.Broken)})
	}
	t.Table(rows)
	services := inServices()
	damages := worstFirst(total(reports, services.Name).Damages)
	rows = [][]string{{"runs", "damage", "breaks", "shortest with"}}
	for _, d := range damages {
		rows = append(rows, []string{strconv.Itoa(d.Runs), d.Damage, d.Invariant, d.Cause()})
	}
	t.Table(rows)
	drawn := map[string]bool{}
	for _, d := range damages {
		_, kind, _ := strings.Cut(d.Damage, " ") // the same happens to stock, payment and delivery
		if drawn[kind] {
			continue
		}
		drawn[kind] = true
		t.Say("%s, with %s:", d.Damage, d.Cause())
		if err := t.Draw(services.Columns(), d.Events); err != nil {
			return err
		}
	}
	return nil
}

// total adds up a variant's reports.
func total(reports []lab.Report, variant string) lab.Report {
	sum := lab.Report{Variant: variant, Scenario: "all"}
	for _, r := range reports {
		if r.Variant == variant {
			sum.Merge(r)
		}
	}
	return sum
}

// worstFirst sorts kinds of damage by how many runs show them.
func worstFirst(damages []lab.Damage) []lab.Damage {
	return slices.SortedFunc(slices.Values(damages), func(a, b lab.Damage) int {
		return cmp.Or(b.Runs-a.Runs, cmp.Compare(a.Damage, b.Damage))
	})
}
