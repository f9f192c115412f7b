package study

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// solution shows one way to write an exercise to those who have found their own.
func (s *session) solution(ctx context.Context, e Exercise) error {
	if !s.peek {
		r, err := s.grade(ctx, e)
		if err != nil {
			return err
		}
		if r.State != "done" {
			const first = "your own does not pass yet (%s). " +
				"To see the solution anyway: %s solution %d -peek"
			return fmt.Errorf(first, r.word(), s.goRun(), e.Chapter)
		}
	}
	texts, err := Texts(e.Solution())
	if err != nil {
		return err
	}
	if len(texts) == 0 {
		return errors.New("there is no solution of " + e.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(s.stdout, "// %s/testdata/solution/%s\n\n%s\n", e.Folder, name, texts[name])
	}
	return nil
}
