package readme

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// checker goes through one README, and gathers what is wrong with it.
type checker struct {
	Config
	*lesson
	root     string
	files    fs.FS // below root
	regions  []region
	problems []Problem
	edits    []edit
}

// edit puts a text in the place of source[start:stop].
type edit struct {
	start, stop int
	text        string
}

// fail notes a problem.
func (k *checker) fail(line int, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	k.problems = append(k.problems, Problem{File: k.name, Line: line, Text: text})
}

// save writes the README with all edits, if there are any.
func (k *checker) save() {
	if len(k.edits) == 0 {
		return
	}
	slices.SortFunc(k.edits, func(a, b edit) int { return b.start - a.start })
	text := slices.Clone(k.source)
	for _, e := range k.edits {
		text = slices.Replace(text, e.start, e.stop, []byte(e.text)...)
	}
	path := filepath.Join(k.root, filepath.FromSlash(k.name))
	if err := os.WriteFile(path, text, 0o644); err != nil {
		k.fail(0, "%v", err)
	}
}

// checkBlocks requires of every code block that something keeps it true. Only
// commands to type (sh) and what is neither code nor output (text) are free.
func (k *checker) checkBlocks() {
	for _, b := range k.blocks {
		if k.generatedAt(b.start) {
			continue
		}
		switch {
		case b.language == "console":
			if b.about != "" && b.about != "shape" {
				k.fail(b.line, "a console block is %q or %q, not %q",
					"console", "console shape", "console "+b.about)
			}
		case b.about != "":
			k.checkExcerpt(b)
		case b.language == "sh":
			k.checkCommands(b)
		case b.language == "text":
		case b.language == "":
			k.fail(b.line, "a code block must say what it is: fence it, "+
				"and write console, sh, text, or a language and the file that it is from")
		default:
			const from = "a block of %s must say which file it is from: ```%[1]s ch01-overview/…"
			k.fail(b.line, from, b.language)
		}
	}
}
