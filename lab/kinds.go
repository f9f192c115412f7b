package lab

import (
	"fmt"
	"maps"
	"slices"

	"example.com/dtx/lab/fault"
)

// The names under which a report counts plans that are not one fault.
const (
	Interleaving  = "interleaving"   // of orders at once, without a fault
	GroupedCommit = "grouped commit" // of two orders at once, without a fault
	OneInARace    = "one fault in a race"
	// SeveralFaults are those of one run: a pair, or a fault that strikes in every run and
	// another one. Without pairs, a lost fsync has a power cut after it.
	SeveralFaults = "several faults"
)

// Count says how many plans of a kind were tried, and how many broke the shop.
type Count struct{ Tried, Broken int }

// String is the count in words.
func (c Count) String() string { return fmt.Sprintf("%d of %d", c.Broken, c.Tried) }

// MarshalText is part of encoding.TextMarshaler.
func (c Count) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText is part of encoding.TextUnmarshaler.
func (c *Count) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "%d of %d", &c.Broken, &c.Tried)
	return err
}

// kind is the name under which a plan is counted.
func kind(plan []fault.Fault) string {
	switch len(plan) {
	case 0:
		return Interleaving
	case 1:
		return string(plan[0].Kind)
	}
	return SeveralFaults
}

// count adds to a kind.
func (r *Report) count(kind string, c Count) {
	if r.Kinds == nil {
		r.Kinds = map[string]Count{}
	}
	was := r.Kinds[kind]
	r.Kinds[kind] = Count{was.Tried + c.Tried, was.Broken + c.Broken}
}

// KindTable sets reports side by side, with a row for each kind of fault.
func KindTable(reports ...Report) [][]string {
	all := map[string]bool{}
	head := []string{"broken of tried, by kind"}
	for _, r := range reports {
		head = append(head, r.Variant)
		for kind := range r.Kinds {
			all[kind] = true
		}
	}
	rows := [][]string{head}
	for _, kind := range slices.Sorted(maps.Keys(all)) {
		row := []string{kind}
		for _, r := range reports {
			row = append(row, r.Kinds[kind].String())
		}
		rows = append(rows, row)
	}
	return rows
}
