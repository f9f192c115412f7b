package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Mark is what the grading found of a student.
type Mark struct {
	Student   string  `json:"student"`
	Commit    string  `json:"commit,omitempty"`
	Date      string  `json:"date,omitempty"`
	Points    int     `json:"points"`
	Of        int     `json:"of"`
	Problem   string  `json:"problem,omitempty"` // why nothing could be graded
	Exercises []Grade `json:"exercises"`
	Page      string  `json:"page,omitempty"` // the report
}

// Grade is what the grading found of a student's exercise.
type Grade struct {
	Exercise string `json:"exercise"`
	Chapter  int    `json:"chapter"`
	State    State  `json:"state"`
	Said     string `json:"said,omitempty"` // why it was not played, or was ended
	Steps    []Step `json:"steps"`
}

// State says how far an exercise came.
type State string

// The states of an exercise.
const (
	NotBegun State = "not begun"
	Refused  State = "refused"          // it has what an exercise must not have
	NotBuilt State = "does not compile" // the compiler's words are in Said
	Ended    State = "ended"            // it came to a limit
	Played   State = "played"           // every step has its verdict
)

// Step is a step's verdict, which is worth a point.
type Step struct {
	Name    string `json:"name"`
	Passed  bool   `json:"passed"`
	Said    string `json:"said,omitempty"`
	Drawing []byte `json:"-"` // the run that failed, as SVG
}

// Points counts the steps that pass.
func (g Grade) Points() (n int) {
	for _, step := range g.Steps {
		if step.Passed {
			n++
		}
	}
	return n
}

// String returns the grade in a few words.
func (g Grade) String() string {
	points := fmt.Sprintf("%s %d/%d", g.Exercise, g.Points(), len(g.Steps))
	if g.State != Played {
		points += fmt.Sprintf(" (%s)", g.State)
	}
	return points
}

// String returns the mark in a line.
func (m Mark) String() string {
	words := []string{fmt.Sprintf("%-16s %3d of %d", m.Student, m.Points, m.Of)}
	for _, g := range m.Exercises {
		words = append(words, g.String())
	}
	if m.Problem != "" {
		words = append(words, m.Problem)
	}
	return strings.Join(words, "  ")
}

func writeJSON(w io.Writer, marks []Mark) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(marks)
}

// writeCSV writes a line a student, with a column for each step.
func writeCSV(w io.Writer, marks []Mark) error {
	out := csv.NewWriter(w)
	for i, m := range marks {
		head := []string{"student", "points", "of", "commit", "date", "problem"}
		line := []string{cell(m.Student), strconv.Itoa(m.Points), strconv.Itoa(m.Of),
			cell(m.Commit), m.Date, cell(m.Problem)}
		for _, g := range m.Exercises {
			head, line = append(head, g.Exercise), append(line, string(g.State))
			for n, step := range g.Steps {
				points := map[bool]string{true: "1", false: "0"}[step.Passed]
				head = append(head, fmt.Sprintf("%s %d", g.Exercise, n+1))
				line = append(line, points)
			}
		}
		if i == 0 {
			_ = out.Write(head) // Flush keeps the error
		}
		_ = out.Write(line)
	}
	out.Flush()
	return out.Error()
}

// cell keeps a spreadsheet from taking a student's words for a formula.
func cell(text string) string {
	if text != "" && strings.ContainsAny(text[:1], "=+-@\t\r") {
		return "'" + text
	}
	return text
}
