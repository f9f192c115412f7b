package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"example.com/dtx/internal/machine"
	"example.com/dtx/internal/program"
	"example.com/dtx/lab"
)

const name = "ch02-python-vs-go"

// chapter is what the laboratory needs to know to find the mistakes.
func chapter() lab.Chapter { return lab.Chapter{Name: name} }

// story is the chapter's program while it runs.
type story struct {
	*lab.Teller
	stderr  io.Writer
	root    string // the course's folder
	dir     string // folder for what does not outlive the program
	save    bool
	long    time.Duration // duration of each load
	targets targets
}

// experiment is a part of the story.
type experiment struct {
	name, claim string
	run         func(*story, context.Context) error
}

func experiments() []experiment {
	return []experiment{
		{"contract", "one contract, kept in both languages", (*story).contract},
		{"size", "how much code there is", (*story).size},
		{"load", "how much each of them carries, and what it takes", (*story).load},
	}
}

// usageError is an error in the command that was typed.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// ExitCode is the program's exit status.
func (u usageError) ExitCode() int { return 2 }

type command struct {
	list, save                 bool
	experiment, mistake, serve string
}

// run does what the command line asks.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	cmd, err := parse(args, stderr)
	if err != nil {
		return err
	}
	root, err := program.Root(".")
	if err != nil {
		return err
	}
	if _, err := machine.FindCompiler(ctx); err != nil && !cmd.list {
		return err
	}
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s := &story{
		Teller: lab.NewTeller(stdout), stderr: stderr,
		root: root, dir: dir, save: cmd.save, long: 500 * time.Millisecond,
	}
	switch {
	case cmd.list:
		return s.list()
	case cmd.mistake != "":
		return s.mistake(ctx, cmd.mistake)
	case cmd.serve != "":
		return s.serve(ctx, cmd.serve)
	}
	return s.tell(ctx, cmd.experiment)
}

func parse(args []string, stderr io.Writer) (cmd command, err error) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&cmd.list, "list", false,
		"list the experiments, the parts of the contract and the mistakes")
	flags.StringVar(&cmd.experiment, "experiment", "", "run one `experiment` of the story")
	flags.StringVar(&cmd.mistake, "mistake", "",
		"put a classic `mistake` into the code, and see what breaks")
	flags.StringVar(&cmd.serve, "serve", "",
		"run one `implementation` until Ctrl-C: go, stdlib or fastapi")
	flags.BoolVar(&cmd.save, "save", false, "make what is measured the lesson's own figures")
	err = flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(stderr)
		fmt.Fprintf(stderr, "%s: the same three jobs in Python and in Go\n\n"+
			"usage: go run ./%[1]s [flags]\n\n"+
			"Without flags it tells the chapter's story.\n\n", name)
		flags.PrintDefaults()
		return cmd, err
	}
	if err == nil {
		err = cmd.check(flags.Args())
	}
	if err != nil {
		const help = "%w\ngo run ./%s -list shows what there is, -help how to say it"
		err = usageError{fmt.Errorf(help, err, name)}
	}
	return cmd, err
}

func (c command) check(rest []string) error {
	asked := 0
	for _, a := range []bool{c.list, c.experiment != "", c.mistake != "", c.serve != ""} {
		if a {
			asked++
		}
	}
	switch {
	case len(rest) > 0:
		return fmt.Errorf("do not know what to do with %q", rest[0])
	case asked > 1:
		return errors.New("one thing at a time: -list, -experiment, -mistake or -serve")
	case c.save && asked > 0 && c.experiment != "load":
		return errors.New("-save goes with -experiment load, or with the whole story")
	}
	return nil
}

// tell runs the experiments, or the one of that name.
func (s *story) tell(ctx context.Context, name string) error {
	told := 0
	for _, e := range experiments() {
		if name != "" && e.name != name {
			continue
		}
		told++
		s.Title("%s: %s", e.name, e.claim)
		if err := e.run(s, ctx); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	if told == 0 {
		return usageError{fmt.Errorf("there is no experiment %q; -list shows them", name)}
	}
	return nil
}

// path returns the path of a file of the chapter.
func (s *story) path(elements ...string) string {
	return filepath.Join(append([]string{s.root, name}, elements...)...)
}

// progress says what is going on while the reader waits.
func (s *story) progress(format string, args ...any) {
	fmt.Fprintf(s.stderr, "… "+format+"\n", args...)
}
