package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// This file is what a chapter's program needs the Go command and the course's
// source for.

// Root returns the folder of the course's go.mod.
func Root(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("ask the go command for the course's folder: %w", err)
	}
	mod := strings.TrimSpace(string(out))
	if filepath.Base(mod) != "go.mod" {
		return "", errors.New("run this inside the course's folder: it needs the source")
	}
	return filepath.Dir(mod), nil
}

// The environment of the simulation's tests.
const (
	PairsVariable   = "LAB_PAIRS"   // if set, try every pair of faults, too
	VariantVariable = "LAB_VARIANT" // if set, try only this variant
	ReportVariable  = "LAB_REPORT"  // if set, append the reports to this file, as JSON lines
)

// explore runs the simulation's tests and passes on their scores.
func (c Chapter) explore(ctx context.Context, t *Teller, pairs bool) error {
	t.Say("building the tests …")
	if pairs {
		return c.Test(ctx, t, "^TestEvery", PairsVariable+"=1")
	}
	return c.Test(ctx, t, "^TestEvery")
}

// Test runs those of the chapter's tests whose names match, and passes on what
// they print. A program does not link the testing package, which the
// simulation needs.
func (c Chapter) Test(ctx context.Context, t *Teller, run string, environment ...string) error {
	root, err := Root(ctx)
	if err != nil {
		return err
	}
	test := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-timeout=0", "-run="+run, "./"+c.Name)
	test.Dir, test.Env, test.Stderr = root, append(os.Environ(), environment...), os.Stderr
	test.Cancel = func() error { return test.Process.Signal(os.Interrupt) }
	out, err := test.StdoutPipe()
	if err != nil {
		return err
	}
	if err := test.Start(); err != nil {
		return fmt.Errorf("run go test: %w", err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); !noise(line) {
			t.Say("%s", line)
		}
	}
	if err := errors.Join(lines.Err(), test.Wait()); err != nil {
		return fmt.Errorf("go test: %w", err)
	}
	return nil
}

// noise tells whether a line is go test's own, and says nothing of interest.
func noise(line string) bool {
	return strings.HasPrefix(line, "===") || strings.HasPrefix(line, "--- PASS") || strings.HasPrefix(line, "ok") || line == "PASS"
}

// Simulate runs the simulation's tests on every variant and returns a report
// for each scenario.
func (c Chapter) Simulate(ctx context.Context) ([]Report, error) {
	root, err := Root(ctx)
	if err != nil {
		return nil, err
	}
	return c.simulate(ctx, root, "")
}

// simulate runs the simulation's tests on a variant, with further flags for
// go test.
func (c Chapter) simulate(ctx context.Context, root, variant string, flags ...string) (reports []Report, err error) {
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "reports")
	args := append([]string{"test", "-count=1", "-vet=off", "-run=^TestEvery"}, flags...)
	test := exec.CommandContext(ctx, "go", append(args, "./"+c.Name)...)
	test.Dir = root
	test.Env = append(os.Environ(), ReportVariable+"="+file, VariantVariable+"="+variant)
	test.Cancel = func() error { return test.Process.Signal(os.Interrupt) }
	said, _ := test.CombinedOutput() // a test that fails leaves a report, too
	text, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the tests did not run: %s", said)
	}
	defer text.Close()
	for decoder := json.NewDecoder(text); ; {
		var r Report
		if err := decoder.Decode(&r); errors.Is(err, io.EOF) {
			return reports, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the tests' reports: %w", err)
		}
		reports = append(reports, r)
	}
}

// mistake shows a mistake, and the shortest run in which it does damage.
func (c Chapter) mistake(ctx context.Context, t *Teller, name string) error {
	root, err := Root(ctx)
	if err != nil {
		return err
	}
	list, err := c.Mistakes(root)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.Name != name {
			continue
		}
		t.Title("%s", m.What)
		t.Say("Why people do it: %s.\n\n%s", m.Why, m.Patch)
		t.Say("Trying every fault …")
		reports, err := m.Explore(ctx, c, root)
		if err != nil {
			return err
		}
		d, err := m.Caught(reports)
		if err != nil {
			return err
		}
		return c.damage(t, d)
	}
	return usageError{fmt.Errorf("%s has no mistake %q; go run ./%s -list shows them", c.Name, name, c.Name)}
}

// damage draws the shortest run that shows a kind of damage.
func (c Chapter) damage(t *Teller, d Damage) error {
	v, err := c.Variant(d.Variant)
	if err != nil {
		return err
	}
	t.Say("\nThe shortest run that breaks %q, with %s:", d.Invariant, d.Cause())
	return t.Draw(v.Columns(), d.Events)
}

// list shows what there is to ask for.
func (c Chapter) list(ctx context.Context, t *Teller) error {
	rows := [][]string{{"-variant", ""}}
	for _, v := range c.Variants {
		rows = append(rows, []string{v.Name, v.About})
	}
	t.Table(rows)
	rows = [][]string{{"-scenario", "answers, if nothing fails"}}
	for _, s := range c.Scenarios {
		rows = append(rows, []string{s.Name, strings.Trim(fmt.Sprint(s.Want), "[]")})
	}
	t.Table(rows)
	rows = [][]string{{"-experiment", ""}}
	for _, e := range c.Experiments {
		rows = append(rows, []string{e.Name, e.Claim})
	}
	t.Table(rows)
	if err := c.listMistakes(ctx, t); err != nil {
		return err
	}
	return c.listPoints(ctx, t)
}

func (c Chapter) listMistakes(ctx context.Context, t *Teller) error {
	root, err := Root(ctx)
	if err != nil {
		return err
	}
	mistakes, err := c.Mistakes(root)
	rows := [][]string{{"-mistake", ""}}
	for _, m := range mistakes {
		rows = append(rows, []string{m.Name, m.What})
	}
	t.Table(rows)
	return err
}

// listPoints plays the first scenario of each variant and lists what could
// have struck where.
func (c Chapter) listPoints(ctx context.Context, t *Teller) error {
	for _, v := range c.Variants {
		o, err := c.Play(ctx, v, c.Scenarios[0])
		if err != nil {
			return err
		}
		t.Say("\n  -fault 'KIND @ POINT' with -variant %s -scenario '%s':", v.Name, c.Scenarios[0].Name)
		for _, p := range o.Passed {
			var kinds []string
			for _, f := range o.Offers {
				if f.Point == p.String() {
					kinds = append(kinds, string(f.Kind))
				}
			}
			t.Say("\n  %s\n      %s", p, strings.Join(kinds, " · "))
		}
	}
	return nil
}
