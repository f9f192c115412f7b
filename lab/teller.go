package lab

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"example.com/dtx/lab/event"
)

// Teller is where a program tells what it does and what it found. All rules of
// output are here: titles, tables and drawings stand alone, between blank lines.
type Teller struct {
	w    io.Writer
	open bool // the last line has text on it
}

// NewTeller returns a teller that writes to w.
func NewTeller(w io.Writer) *Teller { return &Teller{w: w} }

// Title begins a part of the story.
func (t *Teller) Title(format string, args ...any) {
	title := fmt.Sprintf(format, args...)
	t.Gap()
	t.Say("%s\n%s", title, strings.Repeat("─", len([]rune(title))))
	t.Gap()
}

// Say writes a line.
func (t *Teller) Say(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	fmt.Fprintln(t.w, line)
	t.open = line != ""
}

// Gap writes a blank line if there is none already.
func (t *Teller) Gap() {
	if t.open {
		t.Say("")
	}
}

// Table writes rows of cells, the first of them being the head.
func (t *Teller) Table(rows [][]string) {
	t.Gap()
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
	t.Say("")
}

// Draw writes a run as a space-time diagram.
func (t *Teller) Draw(columns []string, events []event.Event) error {
	t.Gap()
	err := event.Text(t.w, columns, events)
	t.Say("")
	return err
}
