package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// result is what came of a mutant.
type result string

const (
	caught     result = "caught"
	survived   result = "survived"
	equivalent result = "equivalent" // it is not tried
	uncompiled result = "uncompiled" // the compiler refuses it: it does not count
	unclear    result = "unclear"    // the unchanged program is as slow, or fails, too
	untried    result = "untried"
)

// try runs a chapter's tests on a mutant until one fails.
func (s *suite) try(ctx context.Context, m mutant, out io.Writer) (result, error) {
	overlay, err := m.overlay(s.dir)
	if err != nil {
		return "", err
	}
	began, found, by := time.Now(), survived, ""
	for _, t := range s.of(path.Join(module(), path.Dir(m.File))) {
		if err := s.prepare(ctx, t, out); err != nil {
			return "", err
		}
		if t.wrong != "" {
			continue
		}
		program := filepath.Join(s.dir, "mutant.exe")
		if t.build(ctx, program, overlay) != nil {
			found = uncompiled
			break
		}
		limit := max(s.patience, 4*t.took)
		if found, by, err = t.judge(ctx, program, limit); err != nil {
			return "", err
		}
		if found != survived {
			break
		}
	}
	fmt.Fprintf(out, "%-10s %5.1fs  %s  %s\n", found, time.Since(began).Seconds(), m, by)
	return found, ctx.Err()
}

// prepare runs a step's program as it is, once: a mutant is compared with that.
func (s *suite) prepare(ctx context.Context, t *step, out io.Writer) error {
	if t.plain != "" {
		return nil
	}
	t.plain = filepath.Join(s.dir, fmt.Sprintf("plain%d.exe", slices.Index(s.steps, t)))
	if err := t.build(ctx, t.plain, ""); err != nil {
		return err
	}
	began := time.Now()
	wrong, err := t.play(ctx, t.plain, time.Hour)
	if t.took = time.Since(began); wrong != "" {
		t.wrong = wrong
		fmt.Fprintf(out, "left out: %s %v: unchanged, it fails %s\n", t.pkg, t.flags, wrong)
	}
	return err
}

// judge runs a step's program with a mutant in it. A program that takes too long is
// caught if the unchanged one ends in half of that time.
func (t *step) judge(
	ctx context.Context, program string, limit time.Duration,
) (found result, by string, err error) {
	failed, err := t.play(ctx, program, limit)
	switch {
	case errors.Is(err, errTime):
		wrong, err := t.play(ctx, t.plain, limit/2)
		if errors.Is(err, errTime) || wrong != "" {
			return unclear, "", nil
		}
		return caught, "by the time it takes", err
	case failed == "":
		return survived, "", err
	case t.real && !t.repeats(ctx, program, failed, limit):
		return unclear, "failed once: " + failed, ctx.Err()
	}
	return caught, "by " + failed, err
}

// repeats tells whether a test fails again, alone, and does not without the mutant: on a
// busy machine, real processes may miss a time limit that has nothing to do with it.
func (t *step) repeats(ctx context.Context, program, failed string, limit time.Duration) bool {
	alone := *t
	name, _, _ := strings.Cut(failed, "/")
	if strings.HasPrefix(name, "Test") {
		alone.flags = []string{"-test.run=^" + name + "$"}
	}
	again, err := alone.play(ctx, program, limit)
	if again == "" && err == nil {
		return false
	}
	unchanged, err := alone.play(ctx, t.plain, limit)
	return unchanged == "" && err == nil
}
