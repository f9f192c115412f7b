package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"

	"example.com/dtx/ch02-python-vs-go/contract"
	"example.com/dtx/ch02-python-vs-go/target"
	"example.com/dtx/lab/source"
)

// list shows what there is to ask for.
func (s *story) list() error {
	rows := [][]string{{"-experiment", ""}}
	for _, e := range experiments() {
		rows = append(rows, []string{e.name, e.claim})
	}
	s.Table(rows)
	s.Say("The contract:\n")
	for _, c := range contract.Checks() {
		s.Say("  %s", c.Name)
	}
	mistakes, err := source.Mistakes(chapter(), s.root)
	rows = [][]string{{"-mistake", "in", ""}}
	for _, m := range mistakes {
		rows = append(rows, []string{m.Name, m.Variant, m.What})
	}
	s.Table(rows)
	return err
}

// mistake shows a mistake, and what it breaks.
func (s *story) mistake(ctx context.Context, name string) error {
	list, err := source.Mistakes(chapter(), s.root)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(m source.Mistake) bool { return m.Name == name })
	if i < 0 {
		return usageError{fmt.Errorf("there is no mistake %q; -list shows them", name)}
	}
	m := list[i]
	s.Title("%s", m.What)
	s.Say("Why people do it: %s.\n\n%s", m.Why, m.Patch)
	t, err := withMistake(ctx, m, s.root, s.dir)
	if err != nil {
		return err
	}
	return s.verify(ctx, t, func(c contract.Check, err error) {
		if s.Say("%-6s  %s", kept(err), c.Name); err != nil {
			s.Say("        %v", err)
		}
	})
}

// withMistake makes an implementation that has a mistake in it. Nothing in the
// tree changes: Go builds with an overlay, Python runs from a copy in dir.
func withMistake(ctx context.Context, m source.Mistake, root, dir string) (target.Target, error) {
	files, _, err := gitdiff.Parse(strings.NewReader(m.Patch))
	if err != nil {
		return target.Target{}, err
	}
	replaced, err := apply(files, root, dir)
	if err != nil {
		return target.Target{}, fmt.Errorf("mistake %s: %w", m.Name, err)
	}
	if m.Variant == target.Go {
		text, err := json.Marshal(map[string]any{"Replace": replaced})
		if err != nil {
			return target.Target{}, err
		}
		overlay := filepath.Join(dir, "overlay.json")
		if err := os.WriteFile(overlay, text, 0o600); err != nil {
			return target.Target{}, err
		}
		return target.NewGo(ctx, filepath.Join(root, name), dir, "-overlay="+overlay)
	}
	for _, i := range implementations() {
		if i.name == m.Variant {
			return i.find(ctx, filepath.Join(dir, name), dir)
		}
	}
	return target.Target{},
		fmt.Errorf("mistake %s: there is no implementation %q", m.Name, m.Variant)
}

// apply copies the services in Python to dir, and writes the files that a patch
// changes there. It returns where each is now.
func apply(files []*gitdiff.File, root, dir string) (replaced map[string]string, err error) {
	services := os.DirFS(filepath.Join(root, name, "python"))
	if err := os.CopyFS(filepath.Join(dir, name, "python"), services); err != nil {
		return nil, err
	}
	replaced = map[string]string{}
	for _, f := range files {
		file := filepath.FromSlash(f.OldName)
		from, to := filepath.Join(root, file), filepath.Join(dir, file)
		text, err := os.ReadFile(from)
		if err != nil {
			return nil, err
		}
		var changed bytes.Buffer
		if err := gitdiff.Apply(&changed, bytes.NewReader(text), f); err != nil {
			return nil, fmt.Errorf("it no longer applies to %s: %w", f.OldName, err)
		}
		err = errors.Join(
			os.MkdirAll(filepath.Dir(to), 0o755),
			os.WriteFile(to, changed.Bytes(), 0o600),
		)
		if err != nil {
			return nil, err
		}
		replaced[from] = to
	}
	return replaced, nil
}
