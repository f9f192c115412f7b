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
	"slices"
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
	ExploreVariable = "LAB_EXPLORE" // if set, explore, and leave the lesson's checks out
	PairsVariable   = "LAB_PAIRS"   // if set, try every pair of faults, too
	VariantVariable = "LAB_VARIANT" // if set, try only this variant
	ReportVariable  = "LAB_REPORT"  // if set, append the reports to this file, as JSON lines
)

// Scratch makes a temporary directory for simulated disks. A real disk's fsyncs
// would take most of a run's time and show nothing: so where the machine has a
// file system in memory, it lies there, and else under TMPDIR.
func Scratch() (dir string, err error) {
	const memory = "/dev/shm"
	if dir, err = os.MkdirTemp(memory, "dtx"); err == nil {
		return dir, nil
	}
	return os.MkdirTemp("", "dtx")
}

// goTest is a command that runs the chapter's tests, and leaves nothing outside
// dir however it ends.
func (c Chapter) goTest(ctx context.Context, root, dir string, args ...string) *exec.Cmd {
	test := exec.CommandContext(ctx, "go", slices.Concat([]string{"test", "-count=1"}, args, []string{"./" + c.Name})...)
	test.Dir, test.Env = root, append(os.Environ(), "TMPDIR="+dir, "GOTMPDIR="+dir)
	test.Cancel = func() error { return test.Process.Signal(os.Interrupt) }
	test.WaitDelay = endTime // then it is killed
	return test
}

// explore runs the simulation's tests and passes on their scores.
func (c Chapter) explore(ctx context.Context, t *Teller, pairs bool) error {
	environment := []string{ExploreVariable + "=1"}
	if pairs {
		environment = append(environment, PairsVariable+"=1")
	}
	return c.Test(ctx, t, "^TestEvery", environment...)
}

// Test runs those of the chapter's tests whose names match, and passes on what
// they print. A program does not link the testing package, which the
// simulation needs.
func (c Chapter) Test(ctx context.Context, t *Teller, run string, environment ...string) (err error) {
	root, err := Root(ctx)
	if err != nil {
		return err
	}
	dir, err := Scratch()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	defer progress(os.Stderr, "building and running the tests")()
	test := c.goTest(ctx, root, dir, "-v", "-timeout=0", "-run="+run)
	test.Env, test.Stderr = append(test.Env, environment...), os.Stderr
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
	err = errors.Join(lines.Err(), test.Wait())
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
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
	defer progress(os.Stderr, "building and running the tests")()
	return c.simulate(ctx, root, "")
}

// simulate runs the simulation's tests on a variant, with further flags for
// go test.
func (c Chapter) simulate(ctx context.Context, root, variant string, flags ...string) (reports []Report, err error) {
	dir, err := Scratch()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "reports")
	test := c.goTest(ctx, root, dir, append(flags, "-vet=off", "-run=^TestEvery")...)
	test.Env = append(test.Env, ExploreVariable+"=1", ReportVariable+"="+file, VariantVariable+"="+variant)
	said, _ := test.CombinedOutput() // a test that fails leaves a report, too
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
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
