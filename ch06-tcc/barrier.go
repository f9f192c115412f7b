package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"example.com/dtx/ch06-tcc/outside"
	"example.com/dtx/internal/sqlite"
)

// barrierRows are what becomes of a try that fails half-way, by where the barrier's row is
// written.
func barrierRows(ctx context.Context) ([][]string, error) {
	rows := [][]string{
		{"the try's row is written", "failed, repeated", "failed, repeated, cancelled",
			"failed, cancelled"},
		{"(what is right)", "2", "0", "0"},
	}
	for _, place := range []outside.Place{outside.Inside, outside.Before, outside.Around} {
		repeated, err := failHalfWay(ctx, place, true)
		if err != nil {
			return nil, err
		}
		cancelled, err := failHalfWay(ctx, place, false)
		if err != nil {
			return nil, err
		}
		rows = append(rows, append(append([]string{string(place)}, repeated...), cancelled...))
	}
	return rows, nil
}

// failHalfWay returns the units that are reserved after each step: a try fails, may be
// repeated, and is cancelled.
func failHalfWay(
	ctx context.Context, place outside.Place, isRepeated bool,
) (units []string, err error) {
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p := outside.Participant{Place: place}
	for name, db := range map[string]**sqlite.DB{"barrier": &p.Barrier, "account": &p.Account} {
		path := filepath.Join(dir, name)
		*db, err = sqlite.Open(ctx, sqlite.Config{Path: path, Schema: outside.Schema})
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, (*db).Close()) }()
	}
	steps := []func(context.Context, string) error{p.Cancel}
	if isRepeated {
		again := func(ctx context.Context, id string) error { return p.Try(ctx, id, false) }
		steps = []func(context.Context, string) error{again, p.Cancel}
	}
	if err := p.Try(ctx, "order-1", true); !errors.Is(err, outside.ErrFailed) {
		return nil, errors.Join(err, errors.New("the try did not fail"))
	}
	for _, step := range steps {
		if err := step(ctx, "order-1"); err != nil {
			return nil, err
		}
		n, err := p.Reserved(ctx)
		if err != nil {
			return nil, err
		}
		units = append(units, strconv.Itoa(n))
	}
	return units, nil
}
