package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
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

// trial is a mutant that was tried.
type trial struct {
	i int // its place in the list
	result
	said string // a line for people
	err  error
}

// tryEach tries mutants of a list, those at the places that are left, some of them at the
// same time. It begins none when the time is up. The caller reads all trials, or ends ctx.
func (s *suite) tryEach(
	ctx context.Context, list []mutant, left []int, o options,
) iter.Seq[trial] {
	return func(yield func(trial) bool) {
		ctx, cancel := context.WithCancel(ctx)
		work, done, began := make(chan int), make(chan trial), time.Now()
		var wg sync.WaitGroup
		for range o.atOnce {
			wg.Go(func() {
				for i := range work {
					done <- s.try(ctx, i, list[i])
				}
			})
		}
		go func() {
			for _, i := range left {
				if ctx.Err() == nil && (o.limit == 0 || time.Since(began) < o.limit) {
					work <- i
				}
			}
			close(work)
			wg.Wait()
			close(done)
		}()
		defer func() {
			cancel()
			for range done { // those under way end
			}
		}()
		for t := range done {
			if !yield(t) {
				return
			}
		}
	}
}

// try runs a chapter's tests on the mutant at a place of the list until one fails.
func (s *suite) try(ctx context.Context, i int, m mutant) trial {
	began, t := time.Now(), trial{i: i}
	found, by, err := s.follow(ctx, i, m)
	t.result, t.err = found, err
	t.said = fmt.Sprintf("%-10s %5.1fs  %s  %s\n", found, time.Since(began).Seconds(), m, by)
	return t
}

// follow goes through the steps. By is what has caught the mutant.
func (s *suite) follow(
	ctx context.Context, i int, m mutant,
) (found result, by string, err error) {
	leftOut, id := "", strconv.Itoa(i)
	for _, t := range s.of(path.Join(module(), path.Dir(m.File))) {
		if m.Logging && t.pkg == s.chapter {
			break // no more is spent on what is logged
		}
		if err := s.prepare(ctx, t); err != nil {
			return "", "", err
		}
		if t.wrong != "" {
			const words = "; left out: %s %v: unchanged, it fails %s"
			leftOut += fmt.Sprintf(words, t.pkg, t.flags, t.wrong)
			continue
		}
		limit := max(s.patience, 4*t.took)
		if found, by, err = t.judge(ctx, id, limit); err != nil || found != survived {
			return found, by, err
		}
	}
	return survived, leftOut, ctx.Err()
}

// prepare builds a step's program and runs it unchanged, once: a mutant is compared with
// that.
func (s *suite) prepare(ctx context.Context, t *step) error {
	t.once.Do(func() {
		t.program = filepath.Join(s.dir, fmt.Sprintf("step%d.exe", slices.Index(s.steps, t)))
		if t.err = t.build(ctx, s.overlay); t.err != nil {
			return
		}
		began := time.Now()
		t.wrong, t.err = t.play(ctx, unchanged, time.Hour)
		t.took = time.Since(began)
	})
	return t.err
}

// judge runs a step's program as a mutant. A program that takes too long is
// caught if the unchanged one ends in half of that time.
func (t *step) judge(
	ctx context.Context, id string, limit time.Duration,
) (found result, by string, err error) {
	failed, err := t.play(ctx, id, limit)
	switch {
	case errors.Is(err, errTime):
		wrong, err := t.play(ctx, unchanged, limit/2)
		if errors.Is(err, errTime) || wrong != "" {
			return unclear, "", nil
		}
		return caught, "by the time it takes", err
	case failed == "":
		return survived, "", err
	case t.real && !t.repeats(ctx, id, failed, limit):
		return unclear, "failed once: " + failed, ctx.Err()
	}
	return caught, "by " + failed, err
}

// repeats tells whether a test fails again, alone, and does not without the mutant: on a
// busy machine, real processes may miss a time limit that has nothing to do with it.
func (t *step) repeats(ctx context.Context, id, failed string, limit time.Duration) bool {
	alone := &step{pkg: t.pkg, program: t.program, flags: t.flags, environ: t.environ}
	name, _, _ := strings.Cut(failed, "/")
	if strings.HasPrefix(name, "Test") {
		alone.flags = []string{"-test.run=^" + name + "$"}
	}
	again, err := alone.play(ctx, id, limit)
	if again == "" && err == nil {
		return false
	}
	wrong, err := alone.play(ctx, unchanged, limit)
	return wrong == "" && err == nil
}
