package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/dtx/course/study"
	"example.com/dtx/internal/program"
)

const usage = `go run . grade DIR… [flags]

Each DIR is a student's folder, a student's zip, or a folder of several students. Only the
files of the exercises are taken from them, and put into the place of yours. The tests are
yours.

This runs programs of strangers. What they import is restricted, and their time and memory
are bounded. That is no sandbox: TEACHING.md says what is left, and how to use a container.

`

// options are a grading's flags.
type options struct {
	csv, json, pages, only string
	jobs                   int
	limits
}

// flags reads the flags of a command line. They may stand behind the folders.
func flags(args []string) (o options, dirs []string, err error) {
	var megabytes int64
	f := flag.NewFlagSet("grade", flag.ContinueOnError)
	f.Usage = func() { fmt.Fprint(f.Output(), usage); f.PrintDefaults() }
	f.StringVar(&o.csv, "csv", "", "write the points to this `file`, a line a student")
	f.StringVar(&o.json, "json", "", "write everything to this `file`")
	f.StringVar(&o.pages, "pages", filepath.Join("out", "class"), "the `folder` of the reports")
	f.StringVar(&o.only, "only", "", "the `chapters` to grade, e.g. 4,5")
	f.IntVar(&o.jobs, "jobs", runtime.NumCPU(), "how many exercises are graded at the same time")
	f.DurationVar(&o.time, "time", 2*time.Minute, "how long an exercise may take the processor")
	f.Int64Var(&megabytes, "memory", 2048, "the most memory that an exercise may hold, in `MB`")
	for len(args) > 0 {
		if err := f.Parse(args); err != nil {
			return o, nil, err
		}
		if args = f.Args(); len(args) > 0 {
			dirs, args = append(dirs, args[0]), args[1:]
		}
	}
	o.memory = megabytes << 20
	if len(dirs) == 0 {
		return o, nil, errors.New(usage + "There is no DIR to grade")
	}
	return o, dirs, nil
}

// grader grades a class.
type grader struct {
	options
	root  string
	list  []study.Exercise
	rules map[string]rules    // key: the exercise's name
	steps map[string][]string // the names of its steps
}

// grade grades the students of a command line. Its error says that the grading itself
// did not work: a student's program that fails is none.
func grade(ctx context.Context, args []string, stdout io.Writer) error {
	o, dirs, err := flags(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	g, err := newGrader(o)
	if err != nil {
		return err
	}
	class, err := submissions(dirs, g.list)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d students. This runs their programs: see -help.\n", len(class))
	if err := g.prepare(ctx, stdout); err != nil {
		return err
	}
	marks, err := g.class(ctx, class, stdout)
	return errors.Join(err, g.write(marks))
}

func newGrader(o options) (*grader, error) {
	root, err := program.Root(".")
	if err != nil {
		return nil, err
	}
	list, err := study.List(root)
	if err != nil {
		return nil, err
	}
	wanted := strings.Split(o.only, ",")
	list = slices.DeleteFunc(list, func(e study.Exercise) bool {
		return o.only != "" && !slices.Contains(wanted, fmt.Sprint(e.Chapter))
	})
	if len(list) == 0 {
		return nil, fmt.Errorf("no chapter of %q has an exercise", o.only)
	}
	return &grader{o, root, list, map[string]rules{}, map[string][]string{}}, nil
}

// prepare grades the solutions. It learns the names of the steps from them, and that the
// grading works on this machine.
func (g *grader) prepare(ctx context.Context, stdout io.Writer) error {
	for _, e := range g.list {
		start, err := study.Texts(e.Start())
		if err != nil {
			return err
		}
		solution, err := study.Texts(e.Solution())
		if err != nil {
			return err
		}
		if g.rules[e.Name], err = rulesOf(start, solution); err != nil {
			return err
		}
		began := time.Now()
		grade, err := g.exercise(ctx, e, solution)
		if err != nil {
			return err
		}
		for _, step := range grade.Steps {
			g.steps[e.Name] = append(g.steps[e.Name], step.Name)
		}
		if grade.Points() == 0 || grade.Points() < len(grade.Steps) {
			return fmt.Errorf("the solution of %s does not pass here: %s\n%s",
				e.Folder, grade, grade.failures())
		}
		fmt.Fprintf(stdout, "the solution of %s passes, after %v\n", e.Folder,
			time.Since(began).Round(time.Second))
	}
	return nil
}

// failures returns what was said to the steps that do not pass.
func (g Grade) failures() string {
	said := []string{g.Said}
	for _, step := range g.Steps {
		said = append(said, step.Said)
	}
	return strings.TrimSpace(strings.Join(said, "\n"))
}

// class grades the students, some exercises at the same time.
func (g *grader) class(
	ctx context.Context, class []Submission, stdout io.Writer,
) (marks []Mark, err error) {
	marks = make([]Mark, len(class))
	var mu sync.Mutex
	done := 0
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(g.jobs)
	for i, s := range class {
		work.Go(func() error {
			mark, err := g.student(ctx, s)
			if err != nil {
				return fmt.Errorf("grade %s: %w", s.Student, err)
			}
			mu.Lock()
			defer mu.Unlock()
			marks[i] = mark
			done++
			fmt.Fprintf(stdout, "%3d/%d  %s\n", done, len(class), mark)
			return nil
		})
	}
	err = work.Wait()
	for _, s := range class {
		if s.problem != nil {
			err = errors.Join(err, fmt.Errorf("%s was not graded: %w", s.Student, s.problem))
		}
	}
	return slices.DeleteFunc(marks, func(m Mark) bool { return m.Student == "" }), err
}

// student grades all that a student has handed in.
func (g *grader) student(ctx context.Context, s Submission) (Mark, error) {
	m := Mark{Student: s.Student, Commit: s.Commit, Date: s.Date}
	if s.problem != nil {
		m.Problem = s.problem.Error()
	}
	for _, e := range g.list {
		grade := Grade{Exercise: e.Name, Chapter: e.Chapter, State: NotBegun}
		texts := s.texts[e.Name]
		if texts != nil && s.problem == nil {
			var err error
			if grade, err = g.exercise(ctx, e, texts); err != nil {
				return m, err
			}
		}
		for _, name := range g.steps[e.Name][len(grade.Steps):] {
			grade.Steps = append(grade.Steps, Step{Name: name})
		}
		m.Points += grade.Points()
		m.Of += len(grade.Steps)
		m.Exercises = append(m.Exercises, grade)
	}
	var err error
	m.Page, err = g.report(m)
	return m, err
}

// exercise grades the files of an exercise.
func (g *grader) exercise(
	ctx context.Context, e study.Exercise, texts map[string]string,
) (grade Grade, err error) {
	grade = Grade{Exercise: e.Name, Chapter: e.Chapter}
	dir, err := os.MkdirTemp("", "dtx-class")
	if err != nil {
		return grade, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	a := attempt{e, g.root, texts, dir}
	if untouched, err := a.untouched(); err != nil || untouched {
		grade.State = NotBegun
		return grade, err
	}
	refused, err := g.rules[e.Name].check(texts)
	switch {
	case err != nil:
		grade.State, grade.Said = NotBuilt, err.Error()
		return grade, nil
	case len(refused) > 0:
		grade.State, grade.Said = Refused, strings.Join(refused, "\n")
		return grade, nil
	}
	binary, said, err := a.build(ctx)
	switch {
	case ctx.Err() != nil:
		return grade, ctx.Err()
	case err != nil:
		grade.State, grade.Said = NotBuilt, said+err.Error()
		return grade, nil
	}
	grade.State = Played
	grade.Steps, err = a.play(ctx, binary, g.steps[e.Name], g.limits)
	if isLimit(err) {
		grade.State, grade.Said, err = Ended, err.Error(), nil
	}
	return grade, err
}

// write writes the marks to the files of the flags.
func (g *grader) write(marks []Mark) error {
	for path, write := range map[string]func(io.Writer, []Mark) error{
		g.csv: writeCSV, g.json: writeJSON,
	} {
		if path == "" {
			continue
		}
		file, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := errors.Join(write(file, marks), file.Close()); err != nil {
			return err
		}
	}
	return nil
}
