package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"example.com/dtx/ch02-python-vs-go/target"
)

// finder finds an implementation in chapter, a folder such as this one, or builds
// it into dir.
type finder func(ctx context.Context, chapter, dir string) (target.Target, error)

// implementation is a name and how to get what it names.
type implementation struct {
	name string
	find finder
}

// implementations are those that keep the contract. The flags are for go build.
func implementations(flags ...string) []implementation {
	return []implementation{
		{target.Go, func(ctx context.Context, chapter, dir string) (target.Target, error) {
			return target.NewGo(ctx, chapter, dir, flags...)
		}},
		{target.Stdlib, func(ctx context.Context, chapter, _ string) (target.Target, error) {
			return target.NewStdlib(ctx, chapter)
		}},
		{target.FastAPI, func(ctx context.Context, chapter, _ string) (target.Target, error) {
			return target.NewFastAPI(ctx, chapter, 1)
		}},
	}
}

// several is FastAPI in as many processes as there are processors, at least two.
func several(ctx context.Context, chapter string) (target.Target, error) {
	processes := max(2, runtime.NumCPU())
	t, err := target.NewFastAPI(ctx, chapter, processes)
	t.Name = fmt.Sprintf("%s ×%d", t.Name, processes)
	return t, err
}

// targets are the implementations that can be started here.
type targets []target.Target

// found looks for the implementations once, and says which are left out.
func (s *story) found(ctx context.Context) (targets, error) {
	if s.targets != nil {
		return s.targets, nil
	}
	s.progress("building the service in Go")
	for _, i := range implementations() {
		t, err := i.find(ctx, s.path(), s.dir)
		switch {
		case errors.Is(err, target.ErrMissing):
			s.Say("Left out: %s, %v.", i.name, err)
		case err != nil:
			return nil, err
		default:
			s.targets = append(s.targets, t)
		}
	}
	return s.targets, nil
}
