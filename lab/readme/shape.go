package readme

import (
	"regexp"
	"strings"
)

// What a run's speed decides: numbers with their units, and the widths of
// columns.
var (
	number = regexp.MustCompile(`\d+(?:[.,]\d+)*(?:e[+-]\d+)?(?:[hm]\d+(?:\.\d+)?)*` +
		`(?: ?(?:(?:[nµμm]?s|min|[hm]|[kMGT]?i?B)\b|%))?`)
	width = regexp.MustCompile(` {2,}|─{2,}|-{2,}`)
)

// shape returns lines without their numbers and widths.
func shape(lines []string) []string {
	list := make([]string, len(lines))
	for i, line := range lines {
		line = number.ReplaceAllString(line, "#")
		list[i] = strings.TrimSpace(width.ReplaceAllStringFunc(line, func(run string) string {
			return string([]rune(run)[:1])
		}))
	}
	return list
}
