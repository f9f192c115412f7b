package source

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.com/dtx/internal/program"
	"example.com/dtx/lab"
)

// This file runs a chapter's tests with the Go command.

// goEnvironment is what go is to see. What it writes itself, it writes to dir;
// but if a test asks, it sees the environment that the test began with, so that
// go can find in its cache what it has run before.
func goEnvironment(dir string) []string {
	environment, inTest := os.Environ(), false
	for _, name := range lab.TempVariables() {
		if was, changed := os.LookupEnv(Before(name)); changed {
			environment = append(environment, name+"="+was)
			inTest = true
		}
	}
	if !inTest {
		environment = append(environment, "GOTMPDIR="+dir)
	}
	return environment
}

// Before is the variable in which the simulation's tests keep what another one was before
// they changed it.
func Before(variable string) string { return "LAB_" + variable }

// requireFolder returns an error if a chapter has no folder of its name.
func requireFolder(c lab.Chapter, root string) error {
	if _, err := os.Stat(filepath.Join(root, c.Name)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("lab.Chapter.Name is %q, and there is no such folder", c.Name)
	}
	return nil
}

// endTest is how long the tests may take to end when they are told to.
const endTest = 8 * time.Second

// goTest is a command that runs the chapter's tests.
func goTest(ctx context.Context, c lab.Chapter, root, dir string, args ...string) *exec.Cmd {
	args = slices.Concat([]string{"test", "-v"}, args, []string{"./" + c.Name})
	test := exec.CommandContext(ctx, "go", args...)
	test.Dir, test.Env, test.Stderr = root, goEnvironment(dir), os.Stderr
	test.Cancel = func() error { return test.Process.Signal(os.Interrupt) }
	test.WaitDelay = endTest // then it is killed
	return test
}

// Explorations match the names of the tests that try every fault.
const Explorations = "^TestEvery"

// Test runs those of the chapter's tests whose names match, and passes on what
// they print. A program does not link the testing package, which the
// simulation needs.
func Test(
	ctx context.Context, t *lab.Teller, c lab.Chapter, run string, environment ...string,
) (err error) {
	root, err := program.Root(".")
	if err == nil {
		err = requireFolder(c, root)
	}
	if err != nil {
		return err
	}
	dir, err := lab.Scratch()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	test := goTest(ctx, c, root, dir, "-count=1", "-timeout=0", "-run="+run)
	test.Env = append(test.Env, environment...)
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
	return line == "PASS" || slices.ContainsFunc(
		[]string{"===", "--- PASS", "--- SKIP", "ok"},
		func(prefix string) bool { return strings.HasPrefix(line, prefix) },
	)
}

// Simulate runs the simulation's tests on every variant and returns a report
// for each scenario.
func Simulate(ctx context.Context, c lab.Chapter) ([]lab.Report, error) {
	root, err := program.Root(".")
	if err != nil {
		return nil, err
	}
	return simulate(ctx, c, root, nil)
}

// simulate runs the simulation's tests with a further environment, and with
// further flags for go test. A run that is the same to the last bit may come from go's
// cache: go knows all that it depends on.
func simulate(
	ctx context.Context, c lab.Chapter, root string, environment []string, flags ...string,
) (reports []lab.Report, err error) {
	if err := requireFolder(c, root); err != nil {
		return nil, err
	}
	dir, err := lab.Scratch()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	flags = append(flags, "-vet=off", "-timeout=0", "-run="+Explorations)
	test := goTest(ctx, c, root, dir, flags...)
	test.Env = append(test.Env, lab.ExploreVariable+"=1", lab.ReportVariable+"=1")
	test.Env = append(test.Env, environment...)
	var said bytes.Buffer
	test.Stdout, test.Stderr = &said, &said
	failed := test.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if failed != nil {
		return nil, fmt.Errorf("the tests did not run: %w\n%s", failed, &said)
	}
	reports, _, err = ReadReports(said.Bytes())
	if err == nil && len(reports) == 0 {
		err = fmt.Errorf("the tests did not run: %s", &said)
	}
	return reports, err
}

// ReadReports takes the reports out of what tests have printed. The rest is what
// the programs under test have printed themselves.
func ReadReports(said []byte) (reports []lab.Report, rest []byte, err error) {
	for line := range bytes.Lines(said) {
		text, isReport := bytes.CutPrefix(bytes.TrimSpace(line), []byte(ReportPrefix))
		switch {
		case isReport:
			var r lab.Report
			if err := json.Unmarshal(text, &r); err != nil {
				return nil, nil, fmt.Errorf("read the tests' reports: %w", err)
			}
			reports = append(reports, r)
		case !noise(string(text)) && !bytes.HasPrefix(text, []byte("score:")):
			rest = append(rest, line...)
		}
	}
	return reports, rest, nil
}

// ReportPrefix begins a line that is a report, as JSON.
const ReportPrefix = "report: "
