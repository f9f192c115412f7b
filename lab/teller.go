package lab

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"example.com/dtx/lab/event"
)

// Teller is where a program tells what it does and what it found. All rules of
// output are here.
type Teller struct{ w io.Writer }

// NewTeller returns a teller that writes to w.
func NewTeller(w io.Writer) *Teller { return &Teller{w} }

// Title begins a part of the story.
func (t *Teller) Title(format string, args ...any) {
	title := fmt.Sprintf(format, args...)
	t.Say("\n%s\n%s", title, strings.Repeat("─", len([]rune(title))))
}

// Say writes a line.
func (t *Teller) Say(format string, args ...any) { fmt.Fprintf(t.w, format+"\n", args...) }

// Table writes rows of cells, the first of them being the head, after a blank line.
func (t *Teller) Table(rows [][]string) {
	t.Say("")
	w := tabwriter.NewWriter(t.w, 0, 0, 2, ' ', 0)
	for i, row := range rows {
		fmt.Fprintf(w, "  %s\n", strings.Join(row, "\t"))
		if i == 0 {
			rule := make([]string, len(row))
			for j, cell := range row {
				rule[j] = strings.Repeat("─", len([]rune(cell)))
			}
			fmt.Fprintf(w, "  %s\n", strings.Join(rule, "\t"))
		}
	}
	_ = w.Flush() // an error of the terminal shows there
}

// Draw writes a run as a space-time diagram, after a blank line.
func (t *Teller) Draw(columns []string, events []event.Event) error {
	t.Say("")
	return event.Text(t.w, columns, events)
}
