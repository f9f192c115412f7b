package lab

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"example.com/dtx/internal/program"
)

// This file is what a chapter's program needs the Go command and the course's
// source for.

// The environment of the simulation's tests.
const (
	ExploreVariable = "LAB_EXPLORE" // if set, explore, and leave the lesson's checks out
	PairsVariable   = "LAB_PAIRS"   // if set, try every pair of faults, too
	VariantVariable = "LAB_VARIANT" // if set, try only this variant
	RacesVariable   = "LAB_RACES"   // if set, try every fault in every interleaving (the long tier)
	// AbsenceVariable has a service be away for an hour instead of ten minutes, and 300
	// orders come instead of 30 (the long tier).
	AbsenceVariable = "LAB_ABSENCE"
	// WholeVariable has all mistakes, all crashes in real processes, and all faults of a
	// chapter that takes long tried instead of every fourth (the long tier).
	WholeVariable = "LAB_WHOLE"
	// WithVariable has faults, with semicolons between them, that strike in every run
	// that comes to them.
	WithVariable    = "LAB_WITH"
	FromVariable    = "LAB_FROM"    // if set, a scenario: none before it is explored
	UntilVariable   = "LAB_UNTIL"   // if set, an invariant: the scenario that breaks it is the last
	AnyInvariant    = "any"         // as UntilVariable's value: a test ends at the first damage
	ScratchVariable = "LAB_SCRATCH" // the folder for simulated disks, in place of the usual one
	// ReportVariable has the reports printed as JSON lines, if it is set. The judgement
	// is left to the reader.
	ReportVariable = "LAB_REPORT"
)

// Scratch makes a temporary directory for simulated disks. A real disk's fsyncs
// would take most of a run's time and show nothing: so where the machine has a
// file system in memory, it lies there, and else under TMPDIR.
func Scratch() (dir string, err error) {
	memory := cmp.Or(os.Getenv(ScratchVariable), "/dev/shm")
	if dir, err = os.MkdirTemp(memory, "dtx"); err == nil {
		return dir, nil
	}
	return os.MkdirTemp("", "dtx")
}

// TempVariables are the environment variables that say where temporary files
// go, on Unix and on Windows.
func TempVariables() []string { return []string{"TMPDIR", "TMP", "TEMP"} }

// goEnvironment is what go is to see. What it writes itself, it writes to dir;
// but if a test asks, it sees the environment that the test began with, so that
// go can find in its cache what it has run before.
func goEnvironment(dir string) []string {
	environment, inTest := os.Environ(), false
	for _, name := range TempVariables() {
		if was, changed := os.LookupEnv("LAB_" + name); changed {
			environment = append(environment, name+"="+was)
			inTest = true
		}
	}
	if !inTest {
		environment = append(environment, "GOTMPDIR="+dir)
	}
	return environment
}

// goTest is a command that runs the chapter's tests.
func (c Chapter) goTest(ctx context.Context, root, dir string, args ...string) *exec.Cmd {
	args = slices.Concat([]string{"test", "-v"}, args, []string{"./" + c.Name})
	test := exec.CommandContext(ctx, "go", args...)
	test.Dir, test.Env, test.Stderr = root, goEnvironment(dir), os.Stderr
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
func (c Chapter) Test(
	ctx context.Context, t *Teller, run string, environment ...string,
) (err error) {
	root, err := program.Root(".")
	if err != nil {
		return err
	}
	dir, err := Scratch()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	test := c.goTest(ctx, root, dir, "-count=1", "-timeout=0", "-run="+run)
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
func (c Chapter) Simulate(ctx context.Context) ([]Report, error) {
	root, err := program.Root(".")
	if err != nil {
		return nil, err
	}
	return c.simulate(ctx, root, nil)
}

// simulate runs the simulation's tests with a further environment, and with
// further flags for go test. A run that is the same to the last bit may come from go's
// cache: go knows all that it depends on.
func (c Chapter) simulate(
	ctx context.Context, root string, environment []string, flags ...string,
) (reports []Report, err error) {
	dir, err := Scratch()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	test := c.goTest(ctx, root, dir, append(flags, "-vet=off", "-timeout=0", "-run=^TestEvery")...)
	test.Env = append(append(test.Env, ExploreVariable+"=1", ReportVariable+"=1"), environment...)
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
func ReadReports(said []byte) (reports []Report, rest []byte, err error) {
	for line := range bytes.Lines(said) {
		text, isReport := bytes.CutPrefix(bytes.TrimSpace(line), []byte(ReportPrefix))
		switch {
		case isReport:
			var r Report
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
