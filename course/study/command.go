package study

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"example.com/dtx/internal/program"
)

// Usage says what there is to type.
const Usage = `go run .                       the course in the browser (-help tells its flags)
go run . break                 one order, one fault, and what it does to a shop
go run . N [flags]             chapter N's story in the terminal, or a part of it (-help)
go run . test [N]              all tests, or those of chapter N's exercise
go run . doctor [-json]        what of this machine the course can use
go run . start N               begin chapter N's exercise: what to do, and in which file
go run . next [-json]          what is done and what is next, over the whole course
go run . watch [N]             test the exercise again whenever one of its files changes
go run . reset N               begin anew; a copy of your work is kept
go run . solution N [-peek]    one way to write it, once your own passes, or with -peek
go run . challenge -seed N     find the fault: which plan breaks this code, and what does it break?
go run . grade DIR… [-help]    for a teacher: grade the folders or zips of a class
go run . handout DIR           for a teacher: copy the course for students
go run . check saga -- PROGRAM try your own participant, in any language, of a saga, 2pc or tcc

N is a chapter's number, or the name of its exercise. The tests of an exercise are
ordinary ones: go test ./chNN-…/exercise. With COURSE_GRADE=1 in the environment,
what is not begun fails, too, and next -json is a report for a class.
In a folder below the course's: go run example.com/dtx next
`

// buildsOnce says of a program that nothing of it changes.
const buildsOnce = "this takes a while only once"

// usageError is an error in the command that was typed.
type usageError struct{ error }

// session is one command.
type session struct {
	root, dir      string // the course's folder, and that in which the command was typed
	list           []Exercise
	progress       Progress
	stdout, stderr io.Writer
	json, peek     bool
}

// Main does what a command line asks. It returns the exit code: 0 if it was
// done, 1 if not, 2 if it was not understood.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return exitCode(ctx, stderr, run(ctx, args, stdout, stderr))
}

// exitCode says why a command failed, if it did.
func exitCode(ctx context.Context, stderr io.Writer, err error) int {
	exit, ran := errors.AsType[exitError](err)
	switch {
	case err == nil:
		return 0
	case ran:
		return exit.code
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "stopped")
		return 1
	}
	fmt.Fprintln(stderr, err)
	if _, ok := errors.AsType[usageError](err); ok {
		return 2
	}
	return 1
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	name := args[0]
	if name == "help" {
		_, err := io.WriteString(stdout, Usage)
		return err
	}
	s, err := open(stdout, stderr)
	if err != nil {
		return err
	}
	switch name {
	case "start", "watch", "reset", "solution":
		return s.exercise(ctx, name, args[1:])
	case "test":
		return s.testCourse(ctx, args[1:])
	case "grade", "handout":
		return s.teach(ctx, args...)
	case "check":
		return s.launch(ctx, buildsOnce, program.Build, "lab/check", args[1:]...)
	case "challenge":
		return s.launch(ctx, buildsOnce, program.BuildChapter, "course/challenge", args[1:]...)
	case "break", "doctor", "next":
		if _, err := s.parse(name, args[1:]); err != nil {
			return err
		}
		do := map[string]func(context.Context) error{
			"break": s.breakOrder, "doctor": s.doctor, "next": s.next,
		}
		return do[name](ctx)
	}
	if chapter, ok := s.chapter(name); ok {
		return s.play(ctx, chapter, args[1:]...)
	}
	return usageError{fmt.Errorf("there is no command %q\n\n%s", name, Usage)}
}

// exercise does what a command asks about one exercise.
func (s *session) exercise(ctx context.Context, name string, args []string) error {
	operands, err := s.parse(name, args)
	if err != nil {
		return err
	}
	e, err := s.find(name, operands)
	if err != nil {
		return err
	}
	switch name {
	case "start":
		return s.start(e)
	case "watch":
		return s.watch(ctx, e)
	case "reset":
		return s.reset(e)
	}
	return s.solution(ctx, e)
}

func open(stdout, stderr io.Writer) (s session, err error) {
	s = session{dir: ".", stdout: stdout, stderr: stderr}
	if s.root, err = program.Root(s.dir); err != nil {
		return s, err
	}
	if s.list, err = List(s.root); err != nil {
		return s, err
	}
	s.progress, err = ReadProgress(s.root)
	return s, err
}

// parse reads what follows a command's name: flags may come last.
func (s *session) parse(name string, args []string) (operands []string, err error) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	switch name {
	case "next", "doctor":
		flags.BoolVar(&s.json, "json", false, "")
	case "solution":
		flags.BoolVar(&s.peek, "peek", false, "")
	}
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return nil, usageError{fmt.Errorf("%s: %w\n\n%s", name, err, Usage)}
		}
		if args = flags.Args(); len(args) > 0 {
			operands, args = append(operands, args[0]), args[1:]
		}
	}
	alone := name == "next" || name == "doctor" || name == "break"
	if len(operands) > 1 || alone && len(operands) > 0 {
		odd := operands[len(operands)-1]
		return nil, usageError{fmt.Errorf("%s: what is %q for?\n\n%s", name, odd, Usage)}
	}
	return operands, nil
}

// find returns the exercise that a command is about: that which is named, or
// that in whose folder it is typed, or, to watch, the one begun last.
func (s *session) find(command string, operands []string) (Exercise, error) {
	if len(operands) == 1 {
		return s.named(operands[0])
	}
	if e, err := At(s.dir); err == nil {
		return e, nil
	}
	if n := len(s.progress.Begun); command == "watch" && n > 0 {
		return s.named(s.progress.Begun[n-1])
	}
	return Exercise{}, usageError{fmt.Errorf("%s: of which chapter? %s", command, s.choice())}
}

func (s *session) named(word string) (Exercise, error) {
	number, err := strconv.Atoi(word)
	i := slices.IndexFunc(s.list, func(e Exercise) bool {
		return e.Name == word || err == nil && e.Chapter == number
	})
	if i < 0 {
		return Exercise{}, usageError{fmt.Errorf("there is no exercise %q. %s", word, s.choice())}
	}
	return s.list[i], nil
}

func (s *session) choice() string {
	names := make([]string, len(s.list))
	for i, e := range s.list {
		names[i] = fmt.Sprintf("%d (%s)", e.Chapter, e.Name)
	}
	return "There are: " + strings.Join(names, ", ")
}

// goRun and goTest are what to type in the folder in which the command was typed.
func (s *session) goRun() string {
	if s.atRoot() {
		return "go run ."
	}
	return "go run example.com/dtx"
}

func (s *session) goTest(e Exercise) string {
	if s.atRoot() {
		return "go test ./" + e.Folder
	}
	return "go test example.com/dtx/" + e.Folder
}

func (s *session) atRoot() bool {
	dir, err := filepath.Abs(s.dir)
	return err == nil && dir == s.root
}
