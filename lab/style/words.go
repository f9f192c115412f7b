package style

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// forbidden are words that hide the actor, and words that readers of other
// languages stumble over.
var forbidden = regexp.MustCompile(`(?i)\b(` + strings.Join([]string{
	"whoever", "whomever", "nobody", "no one", "somebody", "someone", "anybody", "anyone",
	"the one that", "unless", "but for", "all the same", "of these",
	`[a-z]+n['’]t`, `(?:it|that|there|here|let|who|what)['’]s`, `[a-z]+['’](?:re|ll|ve|d)`,
}, "|") + `)\b`)

// foreign is the text of a link to another site, and a name of Go's library or of the
// system: these are not ours.
var foreign = regexp.MustCompile(`\[[^][]*\]\(https?:|http\.NoBody|user\.Lookup\("nobody"\)`)

// words finds forbidden words.
func words(name, text string) (found []Finding) {
	if name == "STYLE.md" || path.Dir(name) == "lab/style" {
		return nil // they quote them
	}
	ours := prose(name)
	for n, line := range numbered(text) {
		if !ours(line) {
			continue
		}
		for _, word := range forbidden.FindAllString(foreign.ReplaceAllString(line, ""), -1) {
			found = append(found, Finding{n, fmt.Sprintf("%q: see STYLE.md", word)})
		}
	}
	return found
}

// prose returns a function that takes a file's lines in turn and tells which of
// them follow the rules of STYLE.md.
func prose(name string) func(line string) bool {
	inside := false
	switch path.Ext(name) {
	case ".md":
		return func(line string) bool { // riddles are the point of the Predict questions
			if level := heading(line); level > 0 {
				inside = strings.Contains(line, "Predict") || inside && level > 2
			}
			return !inside
		}
	case ".patch":
		return func(line string) bool { // what it does not change, another file answers for
			inside = inside || strings.HasPrefix(line, "--- ")
			return !inside || strings.HasPrefix(line, "+")
		}
	}
	return func(string) bool { return true }
}

// heading returns the level of a heading in Markdown, and 0 for another line.
func heading(line string) int {
	level := len(line) - len(strings.TrimLeft(line, "#"))
	if !strings.HasPrefix(line[level:], " ") {
		return 0
	}
	return level
}
