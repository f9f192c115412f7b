package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// Report is what an exploration found.
type Report struct {
	Variant   string
	Scenario  string
	Points    int              // points that the run without a fault passed
	Faults    int              // plans tried
	Schedules int              // interleavings tried
	Broken    int              // runs that broke an invariant
	Torn      int              // those among them that needed no fault, only an interleaving
	Left      int              // plans of a race, or pairs, that were not tried
	Kinds     map[string]Count // plans, by the kind of their fault
	Wrong     string           // what is amiss even without a fault
	Damages   []Damage
	Seconds   float64
	Trial     *Trial `json:",omitempty"` // the run that was asked for, and nothing else
}

// Damage is a kind of damage, and the shortest run that shows it.
type Damage struct {
	Variant   string
	Scenario  string
	Invariant string
	Damage    string   // the kind
	Text      string   // what the shortest run shows
	Runs      int      // how many runs show it
	Causes    []string // the causes of all of them
	Plan      []fault.Fault
	Events    []event.Event
}

// Cause names the faults of the shortest run.
func (d Damage) Cause() string { return cause(d.Plan, d.Scenario) }

func cause(plan []fault.Fault, scenario string) string {
	if len(plan) == 0 {
		return "no fault at all, only " + scenario
	}
	list := make([]string, len(plan))
	for i, f := range plan {
		list[i] = f.String()
	}
	return strings.Join(list, " and ")
}

// Tally adds a run: what it found, and how to see it again. It is counted under
// the kind of its fault.
func (r *Report) Tally(findings []Finding, plan []fault.Fault, events []event.Event) {
	r.TallyAs(kind(plan), findings, plan, events)
}

// TallyAs is Tally for a run that is counted under a kind of its own.
func (r *Report) TallyAs(
	kind string, findings []Finding, plan []fault.Fault, events []event.Event,
) {
	if len(plan) > 0 {
		r.Faults++
	}
	if len(findings) == 0 {
		r.count(kind, Count{Tried: 1})
		return
	}
	r.count(kind, Count{Tried: 1, Broken: 1})
	r.Broken++
	if len(plan) == 0 {
		r.Torn++
	}
	seen := map[string]bool{}
	for _, f := range findings {
		if !seen[f.Damage] {
			r.file(Damage{
				Variant: r.Variant, Scenario: r.Scenario,
				Invariant: f.Invariant, Damage: f.Damage, Text: f.Text,
				Runs: 1, Causes: []string{cause(plan, r.Scenario)},
				Plan: plan, Events: events,
			})
		}
		seen[f.Damage] = true
	}
}

// file adds to a kind of damage, and keeps its shortest run.
func (r *Report) file(found Damage) {
	i := slices.IndexFunc(r.Damages, func(d Damage) bool { return d.Damage == found.Damage })
	if i < 0 {
		r.Damages = append(r.Damages, found)
		return
	}
	d := &r.Damages[i]
	runs, causes := d.Runs+found.Runs, append(d.Causes, found.Causes...)
	if len(found.Events) < len(d.Events) {
		*d = found
	}
	d.Runs, d.Causes = runs, causes
}

// Merge adds another scenario's report.
func (r *Report) Merge(other Report) {
	r.Points += other.Points
	r.Faults += other.Faults
	r.Schedules += other.Schedules
	r.Broken += other.Broken
	r.Torn += other.Torn
	r.Left += other.Left
	r.Seconds += other.Seconds
	if r.Wrong == "" && other.Wrong != "" {
		r.Wrong = other.Scenario + ": " + other.Wrong
	}
	for kind, c := range other.Kinds {
		r.count(kind, c)
	}
	for _, d := range other.Damages {
		r.file(d)
	}
}

// String is the report's score in one line.
func (r Report) String() string {
	var b strings.Builder
	scenario := strings.ReplaceAll(r.Scenario, " ", "-")
	fmt.Fprintf(&b, "score: variant=%s scenario=%s points=%d", r.Variant, scenario, r.Points)
	if r.Faults > 0 {
		fmt.Fprintf(&b, " faults=%d", r.Faults)
	}
	if r.Schedules > 0 {
		fmt.Fprintf(&b, " schedules=%d", r.Schedules)
	}
	if r.Left > 0 {
		fmt.Fprintf(&b, " left=%d", r.Left)
	}
	fmt.Fprintf(&b, " broken=%d seconds=%.1f", r.Broken, r.Seconds)
	return b.String()
}

// Command is what plays the shortest run again, in real processes.
func (d Damage) Command(chapter string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "go run ./%s -variant '%s' -scenario '%s'", chapter, d.Variant, d.Scenario)
	for _, f := range d.Plan {
		fmt.Fprintf(&b, " -fault '%s'", f)
	}
	return b.String()
}

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
