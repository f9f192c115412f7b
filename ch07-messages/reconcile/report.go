package reconcile

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// String is the report as a person reads it.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Reconciliation of %s: %d payments there, %d here, %d agree.\n",
		r.Day, r.There, r.Here, r.Agreed)
	if len(r.Differences) == 0 {
		return b.String() + "No differences.\n"
	}
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "DIFFERENCE\tPAYMENT\tORDER\tTHERE\tHERE\tTO DO")
	open := 0
	for _, d := range r.Differences {
		toDo := d.ToDo
		if d.Mended {
			toDo = "nothing: mended"
		} else {
			open++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n",
			d.Kind, d.ID, d.Order, euros(d.There), euros(d.Here), toDo)
	}
	_ = table.Flush() // a strings.Builder takes all
	fmt.Fprintf(&b, "%d mended, %d for a person.\n", len(r.Differences)-open, open)
	return b.String()
}

// euros writes an amount; 0 is none.
func euros(cents int64) string {
	if cents == 0 {
		return "-"
	}
	return fmt.Sprintf("%d.%02d", cents/100, cents%100)
}
