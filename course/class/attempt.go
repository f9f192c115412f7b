package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"example.com/dtx/course/seal"
	"example.com/dtx/course/study"
)

// buildLimits bound the compiler: a short program can keep it busy for long.
func buildLimits() limits { return limits{3 * time.Minute, 4 << 30} }

// attempt is a program that is graded in the place of an exercise's.
type attempt struct {
	study.Exercise
	root  string // the teacher's course
	texts map[string]string
	dir   string // what is made lies here
}

// build lays the files over the teacher's course and builds the exercise's tests. Without
// the tests, it is built first: a student's file that uses what a test declares, such as
// the answers, does not compile.
func (a attempt) build(ctx context.Context) (binary, said string, err error) {
	overlay, err := a.overlay()
	if err != nil {
		return "", "", err
	}
	binary = filepath.Join(a.dir, "exercise.test.exe")
	for _, args := range [][]string{
		{"build"},
		{"test", "-c", "-vet=off", "-ldflags=-s -w", "-o=" + binary},
	} {
		build := exec.CommandContext(ctx, "go", append(args, "-overlay="+overlay, "./"+a.Folder)...)
		build.Dir = a.root
		build.Env = append(os.Environ(), "GOTMPDIR="+a.dir)
		output := &head{}
		build.Stdout, build.Stderr = output, output
		if err := buildLimits().run(build); err != nil {
			return "", output.String(), err
		}
	}
	return binary, "", nil
}

// overlay writes what the compiler sees in the place of the exercise's own files.
func (a attempt) overlay() (file string, err error) {
	here, err := study.Texts(a.Dir)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for name := range here {
		replace[filepath.Join(a.Dir, name)] = "" // it is not there
	}
	for name, text := range a.texts {
		at := filepath.Join(a.dir, name)
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(a.Dir, name)] = at
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file = filepath.Join(a.dir, "overlay.json")
	return file, os.WriteFile(file, text, 0o600)
}

// play runs the tests. What they print are words for the student: the verdicts come by a
// seal. The names of the steps are known; without them, they are what the tests print.
func (a attempt) play(
	ctx context.Context, binary string, names []string, l limits,
) (steps []Step, err error) {
	disk, err := scratch(a.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(disk)) }()
	s := seal.New(filepath.Join(a.dir, "verdicts"))
	if err := os.Mkdir(s.Dir, 0o700); err != nil {
		return nil, err
	}
	test := exec.CommandContext(ctx, binary, "-test.v=test2json", "-test.timeout=0")
	test.Dir = a.Dir
	test.Env = append(os.Environ(), seal.Variable+"=1", study.GradeVariable+"=1",
		study.FindingsVariable+"=1", study.ProgramVariable+"=.", "LAB_SCRATCH="+disk,
		"TMPDIR="+a.dir, "TMP="+a.dir, "TEMP="+a.dir)
	test.Stdin = s.Reader()
	output := &head{}
	test.Stdout, test.Stderr = output, output
	ended := l.run(test)
	convert := exec.CommandContext(ctx, "go", "tool", "test2json")
	convert.Stdin = output
	events, err := convert.Output()
	if err := cmp.Or(ctx.Err(), err); err != nil {
		return nil, err
	}
	var r study.Result
	r.Read(events)
	if names == nil {
		for _, step := range r.Steps {
			names = append(names, step.Name)
		}
	}
	for n, name := range names {
		step := Step{Name: name, Passed: s.Passed(n + 1)}
		if !step.Passed {
			step.Said = said(r, name)
			step.Drawing, _ = os.ReadFile(filepath.Join(s.Dir, fmt.Sprintf("step-%d.svg", n+1)))
		}
		steps = append(steps, step)
	}
	if isLimit(ended) {
		return steps, ended
	}
	return steps, nil // how the tests ended, the verdicts say
}

// scratch makes a folder for simulated disks, in memory where that is possible. The
// grader removes it: a program that is killed removes nothing.
func scratch(dir string) (string, error) {
	if disk, err := os.MkdirTemp("/dev/shm", "dtx-class"); err == nil {
		return disk, nil
	}
	return os.MkdirTemp(dir, "disk")
}

// said returns what the tests say to a step that does not pass.
func said(r study.Result, name string) string {
	for _, step := range r.Steps {
		switch {
		case step.Name != name:
		case step.Passed:
			return "its process ended without a verdict"
		default:
			step.Finding.Drawn = "" // it is in the report
			return step.Finding.String()
		}
	}
	if r.Said != "" {
		return "the tests did not begin:\n" + r.Said
	}
	return "it was not played: an earlier step ended the tests"
}

// head keeps the beginning of what is written to it: a program may print for ever.
type head struct{ bytes.Buffer }

// maxSaid bounds what a program's tests may print, in bytes.
const maxSaid = 1 << 22

func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:min(len(p), maxSaid-min(maxSaid, h.Len()))])
	return len(p), nil
}

// untouched tells whether the program is as it was given.
func (a attempt) untouched() (bool, error) {
	start, err := study.Texts(a.Start())
	return maps.Equal(start, a.texts), err
}
