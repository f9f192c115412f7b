package attach

import "strconv"

// Result is what all the kills with one journal did.
type Result struct {
	Journal Journal
	Kills   []Kill // the kills in the order of the system calls
}

// Kill is one run, killed.
type Kill struct {
	N            int    // number of the system call, from 1
	Call         string // the call that it was about to make, and on which file
	Units, Cents int    // what is in stock and in payment when both are opened again
}

// Outcome says what became of the order: "both" files have it, "neither" has,
// or it is "torn".
func (k Kill) Outcome() string {
	switch {
	case k.Units == unitsAfter && k.Cents == centsAfter:
		return "both"
	case k.Units == unitsBefore && k.Cents == centsBefore:
		return "neither"
	}
	return "torn"
}

// Torn returns the kills that left half an order.
func (r Result) Torn() []Kill { return r.with("torn") }

func (r Result) with(outcome string) (found []Kill) {
	for _, k := range r.Kills {
		if k.Outcome() == outcome {
			found = append(found, k)
		}
	}
	return found
}

// Rows is a table of all kills.
func (r Result) Rows() [][]string {
	rows := [][]string{{"killed before", "", "stock", "payment", "the order is in"}}
	for _, k := range r.Kills {
		rows = append(rows, []string{
			strconv.Itoa(k.N), k.Call, strconv.Itoa(k.Units), strconv.Itoa(k.Cents), k.Outcome(),
		})
	}
	return rows
}

// Results are those of several journals.
type Results []Result

// Rows is a table of how many kills had which outcome.
func (all Results) Rows() [][]string {
	rows := [][]string{{"journal", "kills", "neither", "both", "torn"}}
	for _, r := range all {
		row := []string{string(r.Journal), strconv.Itoa(len(r.Kills))}
		for _, outcome := range []string{"neither", "both", "torn"} {
			row = append(row, strconv.Itoa(len(r.with(outcome))))
		}
		rows = append(rows, row)
	}
	return rows
}
