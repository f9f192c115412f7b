package exercise

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/dtx/course/grade"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

// requireRemaining compares the student's prediction with every single fault.
func requireRemaining(t *grade.T) {
	t.Helper()
	predicted, err := Remaining()
	t.NoError(err)
	v := with(Ask, Take)
	report := t.Explore(exercise(), v, "success")
	broken := breaking(report)
	count := fmt.Sprintf("%d of %d single faults still break an order",
		report.Broken, report.Faults)
	for _, kind := range predicted {
		switch {
		case !slices.Contains(fault.Kinds(), fault.Kind(kind)):
			t.Wrong(fmt.Sprintf("you say %q", kind), "that is no kind of fault")
		case len(broken[kind]) == 0:
			t.Wrong(fmt.Sprintf("%q, at every point: %s", kind, fault.Kind(kind).Meaning()),
				fmt.Sprintf("you say that it breaks an order, and it breaks none (%s)", count))
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(broken)) {
		if !slices.Contains(predicted, kind) {
			fmt.Fprintf(t.Output(), "yours    %q\n         %q is not among them (%s)\n",
				predicted, kind, count)
			t.Survives(exercise(), v, "success", broken[kind][0])
		}
	}
	t.Say("%s:", count)
	for _, kind := range slices.Sorted(maps.Keys(broken)) {
		t.Say("%4d  %s", len(broken[kind]), kind)
	}
}

// breaking lists the faults that break something, by their kinds.
func breaking(r lab.Report) map[Fault][]string {
	var names []string
	for _, d := range r.Damages {
		names = append(names, d.Causes...)
	}
	slices.Sort(names)
	kinds := map[Fault][]string{}
	for _, name := range slices.Compact(names) {
		kind, _, _ := strings.Cut(name, " @ ")
		kinds[Fault(kind)] = append(kinds[Fault(kind)], name)
	}
	return kinds
}
