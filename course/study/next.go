package study

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// next tells what is done and what is next.
func (s *session) next(ctx context.Context) error {
	var results []Result
	for _, e := range s.list {
		r, err := s.grade(ctx, e)
		if err != nil {
			return err
		}
		results = append(results, r)
		if !s.json {
			fmt.Fprintf(s.stdout, "%d  %-16s %s\n", r.Chapter, r.Exercise, r.word())
		}
	}
	if s.json {
		out := json.NewEncoder(s.stdout)
		out.SetIndent("", "  ")
		if err := out.Encode(results); err != nil {
			return err
		}
		return verdict(results)
	}
	s.advise(results)
	return verdict(results)
}

// verdict is the exit code: 1 if something that is begun does not pass.
func verdict(results []Result) error {
	if slices.ContainsFunc(results, func(r Result) bool { return r.State == "begun" }) {
		return exitError{1}
	}
	return nil
}

func (r Result) word() string {
	switch {
	case len(r.Steps) == 0:
		return r.State
	case r.State == "done":
		n := len(r.Steps)
		return fmt.Sprintf("done: %d of %d. Now compare: go run . solution %d", n, n, r.Chapter)
	}
	return fmt.Sprintf("%s: %d of %d steps pass", r.State, r.Passed(), len(r.Steps))
}

// advise says what to do now: what is begun comes first.
func (s *session) advise(results []Result) {
	for _, state := range []string{"begun", "not begun"} {
		for i, r := range results {
			if r.State != state {
				continue
			}
			if state == "not begun" {
				lesson := s.list[i].lesson()
				const read = "\nnext: read %s, and %s start %d\n"
				fmt.Fprintf(s.stdout, read, lesson, s.goRun(), r.Chapter)
				return
			}
			fmt.Fprintf(s.stdout, "\nnext: %s\n%s", s.goTest(s.list[i]), r.open())
			return
		}
	}
	fmt.Fprintln(s.stdout, "\nall is done")
}

// open is the first step that is still to be done, or why there is none.
func (r Result) open() string {
	for _, step := range r.Steps {
		if !step.Passed {
			return fmt.Sprintf("\n%s\n%s\n", step.Name, step.Said)
		}
	}
	return fmt.Sprintf("\n%s\n", r.Said)
}
