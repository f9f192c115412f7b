package isolation

import "strings"

// Table is what was measured on one database.
type Table struct {
	Database, Version string
	Levels            []string
	Runs              []Run
}

// Find returns the run of a script at a level, if there is one.
func (t Table) Find(level, anomaly string) (run Run, found bool) {
	for _, r := range t.Runs {
		if r.Level == level && r.Anomaly == anomaly {
			return r, true
		}
	}
	return run, false
}

// Rows returns a row for each anomaly with a cell for each level, after a head.
func (t Table) Rows() [][]string {
	rows := [][]string{append([]string{"anomaly"}, t.Levels...)}
	for _, script := range Scripts() {
		row := []string{script.Anomaly}
		for _, level := range t.Levels {
			run, _ := t.Find(level, script.Anomaly) // Measure leaves none out
			row = append(row, run.Verdict())
		}
		rows = append(rows, row)
	}
	return rows
}

// Markdown returns the same as a document holds it.
func (t Table) Markdown() string {
	var text strings.Builder
	for i, row := range t.Rows() {
		text.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			text.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return text.String()
}
