package study

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Finding is what the grader found of a step. Processes pass it on as JSON; String makes
// prose of it where it is shown. What is empty is not said.
type Finding struct {
	Passed     bool
	Said       string   // what the step's process has printed
	NotWritten string   // says what is to be written first, and where: nothing else counts
	Cut        string   // why the step's process did not come to its end
	Done       string   // what was done to the student's program
	Found      []string // what came of it
	Logged     string   // the error that a service logged
	Sketch     string   // the run, drawn as text
	Drawn      string   // the path of the run's drawing
	Hint       string   // a question
	More       string   // a command that says more
}

// String returns what is said to the student.
func (f Finding) String() string {
	if f.NotWritten != "" {
		return f.NotWritten
	}
	words := joined("\n", f.Said, row("cut", f.Cut), row("done", f.Done),
		row("found", joined("\n", f.Found...)), row("logged", f.Logged), row("more", f.More))
	return joined("\n\n", words, f.Sketch, row("drawn", f.Drawn), row("hint", f.Hint))
}

// row returns a text beside its name, aligned.
func row(name, text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf("%-9s", name) + strings.ReplaceAll(text, "\n", "\n         ")
}

// joined returns those texts that are not empty, with something between them.
func joined(between string, texts ...string) string {
	said := slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return text == "" })
	return strings.Join(said, between)
}

const (
	findingKey = "finding" // of the attributes that are a finding
	maxPiece   = 2048      // bytes: go test -json takes a longer line for a test's output
)

// Attach makes a finding an attribute of a test, in pieces, for a program that reads what
// go test -json prints and has set [FindingsVariable].
func (f Finding) Attach(attr func(key, value string)) {
	if os.Getenv(FindingsVariable) == "" {
		return
	}
	text, _ := json.Marshal(f) // of strings: that does not fail
	code := []byte(base64.StdEncoding.EncodeToString(text))
	for piece := range slices.Chunk(code, maxPiece) {
		attr(findingKey, string(piece))
	}
}
