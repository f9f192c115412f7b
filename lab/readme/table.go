package readme

import (
	"fmt"
	"strings"
)

// Markdown is a table in Markdown. The first row is its head.
func Markdown(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
	return b.String()
}

// Folded is a table in Markdown that a page shows when it is asked for.
func Folded(summary string, rows [][]string) string {
	const fold = "<details class=\"aside\"><summary>%s</summary>\n\n%s\n</details>\n"
	return fmt.Sprintf(fold, summary, Markdown(rows))
}
