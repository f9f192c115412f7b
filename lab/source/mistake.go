package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"

	"example.com/dtx/lab"
)

// maxMistake bounds what a mistake may change, in lines added and lines taken
// away: it is to be found in a review, not in a rewrite.
const maxMistake = 10

// Mistake is a classic mistake, kept as a patch against the chapter's code.
type Mistake struct {
	Name     string // the name of its file
	What     string // what is wrong
	Why      string // why people do it
	Breaks   string // the invariant; or Nothing, if people only believe that it does
	Variant  string // the variant whose code it is in
	Scenario string // the first in which a fault shows it; none before it is explored
	With     string // a fault that strikes in every run; if it does not show it, a second one does
	Alone    string // the only kinds of fault that show it, with commas; empty if that is not said
	Patch    string // the diff itself
	Changed  int    // lines added and lines taken away
	files    []*gitdiff.File
}

// Mistakes reads a chapter's mistakes/*.patch. Root is the folder of go.mod.
func Mistakes(c lab.Chapter, root string) (list []Mistake, err error) {
	if err := requireFolder(c, root); err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(root, c.Name, "mistakes", "*.patch"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		m, err := readMistake(path)
		if err != nil {
			return nil, fmt.Errorf("mistake %s: %w", filepath.Base(path), err)
		}
		list = append(list, m)
	}
	return list, nil
}

func readMistake(path string) (Mistake, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Mistake{}, err
	}
	files, head, err := gitdiff.Parse(bytes.NewReader(text))
	if err != nil {
		return Mistake{}, err
	}
	name := strings.TrimSuffix(filepath.Base(path), ".patch")
	m := Mistake{Name: name, files: files, Patch: strings.TrimPrefix(string(text), head)}
	fields := map[string]*string{
		"What": &m.What, "Why": &m.Why, "Breaks": &m.Breaks,
		"Variant": &m.Variant, "Scenario": &m.Scenario, "With": &m.With, "Alone": &m.Alone,
	}
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if field := fields[name]; field != nil {
			*field = value
		}
	}
	for _, f := range files {
		for _, fragment := range f.TextFragments {
			m.Changed += int(fragment.LinesAdded + fragment.LinesDeleted)
		}
	}
	return m, m.check()
}

func (m Mistake) check() error {
	switch {
	case m.What == "" || m.Why == "" || m.Breaks == "" || m.Variant == "":
		return errors.New("its header must say What, Why, Breaks and Variant")
	case len(m.files) == 0:
		return errors.New("it changes nothing")
	case m.Changed > maxMistake:
		return fmt.Errorf("it changes %d lines, and %d are enough", m.Changed, maxMistake)
	}
	return nil
}

// Overlay applies the patch in memory and writes the changed files, and the
// file that go's -overlay wants, to dir. Nothing in the tree changes.
func (m Mistake) Overlay(root, dir string) (path string, err error) {
	replace := map[string]string{}
	for i, f := range m.files {
		source := filepath.Join(root, filepath.FromSlash(f.OldName))
		text, err := os.ReadFile(source)
		if err != nil {
			return "", err
		}
		var changed bytes.Buffer
		if err := gitdiff.Apply(&changed, bytes.NewReader(text), f); err != nil {
			return "", fmt.Errorf("it no longer applies to %s: %w", f.OldName, err)
		}
		copied := filepath.Join(dir, fmt.Sprintf("%d.go", i))
		if err := os.WriteFile(copied, changed.Bytes(), 0o600); err != nil {
			return "", err
		}
		replace[source] = copied
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, text, 0o600)
}

// Explore builds the chapter with the mistake in it and lets the simulation try
// every fault, from the scenario that the header names until one has shown what the
// mistake breaks; the others are played without a fault. In the long tier it tries all of
// a mistake that some kinds of fault alone show. It returns a report for each.
func (m Mistake) Explore(
	ctx context.Context, c lab.Chapter, root string,
) (reports []lab.Report, err error) {
	until := m.Breaks
	if m.Alone != "" && os.Getenv(lab.WholeVariable) != "" {
		until = ""
	}
	return m.simulate(ctx, c, root, []string{
		lab.VariantVariable + "=" + m.Variant, lab.WithVariable + "=" + m.With,
		lab.FromVariable + "=" + m.Scenario, lab.UntilVariable + "=" + until,
	})
}

// simulate builds the chapter with the mistake in it and runs the simulation's tests.
func (m Mistake) simulate(
	ctx context.Context, c lab.Chapter, root string, environment []string,
) (reports []lab.Report, err error) {
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	overlay, err := m.Overlay(root, dir)
	if err == nil {
		reports, err = simulate(ctx, c, root, environment, "-overlay="+overlay)
	}
	if err != nil {
		return nil, fmt.Errorf("mistake %s: %w", m.Name, err)
	}
	return reports, nil
}

// Nothing is what a change breaks that does less harm than one would think.
const Nothing = "nothing"

func (m Mistake) harmless(reports []lab.Report) error {
	for _, r := range reports {
		if r.Wrong != "" || r.Broken > 0 {
			return fmt.Errorf("mistake %s should break nothing: %s %s", m.Name, r, r.Wrong)
		}
	}
	return nil
}

// alone returns an error if a kind of fault shows the mistake that its header does not name.
func (m Mistake) alone(r lab.Report) error {
	for _, kind := range slices.Sorted(maps.Keys(r.Kinds)) {
		known := m.Alone == "" || slices.Contains(strings.Split(m.Alone, ", "), kind)
		if !known && r.Kinds[kind].Broken > 0 {
			const shows = "mistake %s is shown by %s, too, in %s"
			return fmt.Errorf(shows, m.Name, kind, r.Scenario)
		}
	}
	return nil
}

// Caught tells whether the reports show what the mistake's header says: nothing
// wrong without faults, and the invariant broken with them, by no kind of fault but those
// that the header names. It returns the shortest run that shows it.
func (m Mistake) Caught(reports []lab.Report) (lab.Damage, error) {
	var shortest lab.Damage
	if m.Breaks == Nothing {
		return shortest, m.harmless(reports)
	}
	for _, r := range reports {
		if r.Wrong != "" {
			const shows = "mistake %s shows without any fault: %s, %s"
			return shortest, fmt.Errorf(shows, m.Name, r.Scenario, r.Wrong)
		}
		if err := m.alone(r); err != nil {
			return shortest, err
		}
		for _, d := range r.Damages {
			shorter := shortest.Events == nil || len(d.Events) < len(shortest.Events)
			if d.Invariant == m.Breaks && shorter {
				shortest = d
			}
		}
	}
	if shortest.Events == nil {
		return shortest, fmt.Errorf("mistake %s is not caught: nothing breaks %q", m.Name, m.Breaks)
	}
	return shortest, nil
}
