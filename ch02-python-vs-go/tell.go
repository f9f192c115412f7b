package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	"example.com/dtx/ch02-python-vs-go/contract"
	"example.com/dtx/ch02-python-vs-go/measure"
	"example.com/dtx/ch02-python-vs-go/target"
)

// contract puts each implementation through the same checks.
func (s *story) contract(ctx context.Context) error {
	all, err := s.found(ctx)
	if err != nil {
		return err
	}
	rows := [][]string{{""}}
	for _, c := range contract.Checks() {
		rows = append(rows, []string{c.Name})
	}
	var broken error
	for _, t := range all {
		rows[0] = append(rows[0], t.Name)
		i := 1
		err := s.verify(ctx, t, func(c contract.Check, err error) {
			rows[i] = append(rows[i], kept(err))
			if err != nil {
				broken = errors.Join(broken, fmt.Errorf("%s: %s: %w", t.Name, c.Name, err))
			}
			i++
		})
		if err != nil {
			return err
		}
	}
	s.Table(rows)
	return broken
}

// verify makes all checks, and hands each result on.
func (s *story) verify(
	ctx context.Context, t target.Target, result func(contract.Check, error),
) error {
	dir, err := os.MkdirTemp(s.dir, "contract")
	if err != nil {
		return err
	}
	suite, err := contract.New(t, s.path("openapi.yaml"), dir)
	if err != nil {
		return err
	}
	defer suite.Close()
	for _, c := range contract.Checks() {
		s.progress("%s: %s", t.Name, c.Name)
		err := suite.Verify(ctx, c)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		result(c, err)
	}
	return nil
}

func kept(err error) string {
	if err == nil {
		return "kept"
	}
	return "BROKEN"
}

// size counts lines.
func (s *story) size(context.Context) error {
	rows, err := s.lines()
	if err != nil {
		return err
	}
	s.Table(rows)
	return nil
}

func (s *story) lines() ([][]string, error) {
	shared := func(files ...string) (list []string) {
		for _, f := range files {
			list = append(list, s.path("python", "shared", "jobs", f))
		}
		return list
	}
	beneath := shared("store.py", "strict.py", "problem.py", "clock.py")
	common := shared("config.py", "model.py", "queries.py", "schema.py", "work.py")
	internal := func(name string) string { return s.path("..", "internal", name, "*.go") }
	library := []string{internal("httpapi"), internal("sqlite")}
	rows := [][]string{{"lines of code", target.Go, target.Stdlib, target.FastAPI}}
	for _, part := range []struct {
		name     string
		patterns [3][]string
	}{
		{"the service", [3][]string{
			{s.path("golang", "*.go")},
			slices.Concat(common, []string{s.path("python", target.Stdlib, "*.py")}),
			slices.Concat(common, []string{s.path("python", target.FastAPI, "*.py")}),
		}},
		{"shared code beneath it", [3][]string{library, beneath, beneath}},
	} {
		row := []string{part.name}
		for _, patterns := range part.patterns {
			n, err := measure.Lines(patterns...)
			if err != nil {
				return nil, err
			}
			row = append(row, fmt.Sprint(n))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// measured is what the lesson keeps of one run.
type measured struct {
	Machine string
	Figures []measure.Figures
}

// load puts the same load on all, one after the other.
func (s *story) load(ctx context.Context) error {
	all, err := s.found(ctx)
	if err != nil {
		return err
	}
	if t, err := several(ctx, s.path()); err == nil {
		all = append(all[:len(all):len(all)], t)
	}
	machine := fmt.Sprintf("%d processors, %s/%s; clients and service share them",
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	m := measured{Machine: machine}
	bench := measure.Bench{Targets: all, Dir: s.dir, Long: s.long, Say: s.progress}
	if m.Figures, err = bench.Compare(ctx); err != nil {
		return err
	}
	s.Say("%s\n%s", measure.Versions(m.Figures), m.Machine)
	s.Table(measure.Costs(m.Figures))
	s.Say("Answers per second (the others' as a multiple), " +
		"and how long the middle one / the slowest in a hundred took:")
	s.Table(measure.Loads(m.Figures))
	for _, line := range measure.Bars(m.Figures) {
		s.Say("%s", line)
	}
	return s.draw(m)
}

// draw writes the chart, and with -save what it is drawn from.
func (s *story) draw(m measured) error {
	var chart bytes.Buffer
	if err := measure.Chart(&chart, m.Figures); err != nil {
		return err
	}
	file := s.path("figures", "yours.svg")
	if s.save {
		text, err := json.MarshalIndent(m, "", "\t")
		if err != nil {
			return err
		}
		measurement := s.path("figures", "measured.json")
		if err := os.WriteFile(measurement, append(text, '\n'), 0o644); err != nil {
			return err
		}
		file = s.path("figures", "load.svg")
	}
	s.Gap()
	s.Say("The same as a picture: %s", file)
	return os.WriteFile(file, chart.Bytes(), 0o644)
}
