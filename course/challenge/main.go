// Find the fault: a chapter's code with one mistake in it that a seed chooses, and a run
// that looks right. The student names a plan of faults and the invariant that it breaks;
// the simulation plays the plan on the code with the mistake, and on the course's own.
// `go run . challenge` builds and runs this program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"example.com/dtx/internal/machine"
	"example.com/dtx/internal/program"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/source"
)

const usage = `go run . challenge -seed N                mistake N: a run that looks right
go run . challenge -seed N -list          the points at which a fault can strike, and the kinds
go run . challenge -seed N -fault 'KIND @ POINT' -breaks INVARIANT
                                          your answer; -fault may be repeated
go run . challenge -answer [-seed N]      for a teacher: which mistake is whose, or N's plan

-scenario NAME, with each of the first three, plays another scenario.
The exit code is 0 if it was done and the answer is right, 1 if not, 2 if it was not understood
(go run makes 1 of that).
`

const (
	mostSeeds  = 9999
	mostFaults = 3
)

// errWrong is returned when an answer is wrong; what is wrong has been said.
var errWrong = errors.New("this is not the answer yet")

// usageError is an error in the command that was typed.
type usageError struct{ error }

// command is what was asked for on the command line.
type command struct {
	root             string
	seed             int
	scenario, breaks string
	list, answer     bool
	plan             []fault.Fault
	out              *lab.Teller
	stderr           io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cmd, err := parse(args)
	if err == nil {
		cmd.out, cmd.stderr = lab.NewTeller(stdout), stderr
		err = cmd.do(ctx)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "stopped")
		return 1
	}
	fmt.Fprintln(stderr, err)
	if _, ok := errors.AsType[usageError](err); ok {
		fmt.Fprint(stderr, "\n", usage)
		return 2
	}
	return 1
}

func parse(args []string) (cmd command, err error) {
	flags := flag.NewFlagSet("challenge", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&cmd.seed, "seed", 0, "")
	flags.BoolVar(&cmd.list, "list", false, "")
	flags.BoolVar(&cmd.answer, "answer", false, "")
	flags.StringVar(&cmd.scenario, "scenario", "", "")
	flags.StringVar(&cmd.breaks, "breaks", "", "")
	flags.Func("fault", "", func(s string) error {
		f, err := fault.Parse(s)
		cmd.plan = append(cmd.plan, f)
		return err
	})
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return cmd, err
		}
		return cmd, usageError{fmt.Errorf("challenge: %w", err)}
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if err := cmd.check(given, flags.Args()); err != nil {
		return cmd, usageError{fmt.Errorf("challenge: %w", err)}
	}
	cmd.root, err = program.Root(".")
	return cmd, err
}

// check refuses what cannot be meant.
func (cmd command) check(given map[string]bool, operands []string) error {
	isPlan := given["fault"] || given["breaks"]
	switch {
	case len(operands) > 0:
		return fmt.Errorf("what is %q for?", operands[0])
	case given["seed"] && (cmd.seed < 1 || cmd.seed > mostSeeds):
		return fmt.Errorf("a seed is a number from 1 to %d", mostSeeds)
	case !given["seed"] && !cmd.answer:
		return errors.New("-seed says which challenge it is")
	case cmd.answer && (isPlan || cmd.list || given["scenario"]) || cmd.list && isPlan:
		return errors.New("one thing at a time: -answer, -list, or -fault with -breaks")
	case isPlan && (len(cmd.plan) == 0 || cmd.breaks == ""):
		return errors.New("an answer is a plan and what it breaks: -fault and -breaks go together")
	case len(cmd.plan) > mostFaults:
		return fmt.Errorf("a plan of %d faults is enough", mostFaults)
	case isPlan && !isInvariant(cmd.breaks):
		return fmt.Errorf("there is no invariant %q; there are: %s", cmd.breaks, invariants())
	}
	return nil
}

func invariants() string {
	var names []string
	for _, row := range lab.Invariants() {
		names = append(names, row[0])
	}
	return strings.Join(names, ", ")
}

// do does what the command says.
func (cmd command) do(ctx context.Context) error {
	if cmd.answer && cmd.seed == 0 {
		return cmd.overview()
	}
	b, err := choose(cmd.root, cmd.seed)
	if err != nil {
		return err
	}
	if err := machine.SQLite(); err != nil {
		return err
	}
	at := "building " + b.chapter.Name + " and playing the run"
	defer program.Progress(cmd.stderr, at+"; the first time, that takes a minute or two")()
	if cmd.answer {
		return cmd.reveal(ctx, b)
	}
	trial, err := b.try(ctx, cmd, &b.mistake)
	switch {
	case err != nil:
		return err
	case trial.Events == nil:
		return usageError{fmt.Errorf("challenge: there is no scenario %q; there are: %s",
			cmd.scenario, strings.Join(trial.Scenarios, ", "))}
	case cmd.list:
		const strikes = "What can strike in %q, as KIND @ POINT:%s"
		cmd.out.Say(strikes, trial.Scenario, points(trial.Offers))
		return nil
	case len(cmd.plan) == 0:
		return cmd.pose(b, trial)
	}
	return cmd.judge(ctx, b, trial)
}

// try plays the run of the command: on the code with the mistake, or on the course's own.
func (b bug) try(ctx context.Context, cmd command, m *source.Mistake) (lab.Trial, error) {
	return source.Try(ctx, b.chapter, cmd.root, m, lab.Trial{
		Variant: b.mistake.Variant, Scenario: cmd.scenario, Keys: b.keys(), Plan: cmd.plan,
	})
}

// pose shows the run without a fault, and says what there is to do.
func (cmd command) pose(b bug, trial lab.Trial) error {
	cmd.out.Title("Find the fault: challenge %d", b.seed)
	cmd.out.Say("The code is that of %s, variant %s, with one mistake in it.", b.chapter.Name,
		b.mistake.Variant)
	cmd.out.Say("The scenario %q looks right: nothing is broken.", trial.Scenario)
	if err := cmd.out.Draw(trial.Columns, trial.Events); err != nil {
		return err
	}
	cmd.out.Say("Other scenarios (-scenario):\n  %s", strings.Join(trial.Scenarios, "\n  "))
	cmd.out.Table(append([][]string{{"INVARIANT (-breaks)", "what it asks for"}},
		lab.Invariants()...))
	cmd.out.Say("Which faults break which of them? -list shows the points. Then answer:\n\n"+
		"  go run . challenge -seed %d -fault 'KIND @ POINT' -breaks INVARIANT", b.seed)
	return nil
}

// judge tells whether an answer is right. The trial is the plan's, on the code with the
// mistake.
func (cmd command) judge(ctx context.Context, b bug, trial lab.Trial) error {
	if len(trial.Unfired) > 0 {
		cmd.out.Say("The run never comes to %v. -list shows the points.", trial.Unfired)
		return errWrong
	}
	if err := cmd.out.Draw(trial.Columns, trial.Events); err != nil {
		return err
	}
	i := slices.IndexFunc(trial.Findings, func(f lab.Finding) bool {
		return f.Invariant == cmd.breaks
	})
	switch {
	case len(trial.Findings) == 0:
		cmd.out.Say("The code survives this plan: nothing is broken.")
		return errWrong
	case i < 0:
		cmd.out.Say("This plan breaks something, but not %q.", cmd.breaks)
		return errWrong
	}
	own, err := b.try(ctx, cmd, nil)
	if err != nil {
		return err
	}
	if len(own.Findings) > 0 {
		cmd.out.Say("The course's own code does not survive this plan either: it is no mistake's.")
		return errWrong
	}
	cmd.out.Say("Right: %s. The course's own code survives this plan.", trial.Findings[i])
	cmd.out.Say("\nThis is the mistake:\n\n%s", b.mistake.Patch)
	cmd.out.Say("For the viva: why does this plan break %q with these lines, and why not without\n"+
		"them? Why did your run without a fault look right? Which test would have found it?",
		cmd.breaks)
	return nil
}

// points lists where faults can strike in a run, and which.
func points(offers []fault.Offer) string {
	var list []string
	kinds := map[string][]string{}
	for _, o := range offers {
		if kinds[o.Point] == nil {
			list = append(list, o.Point)
		}
		kinds[o.Point] = append(kinds[o.Point], string(o.Kind))
	}
	var b strings.Builder
	for _, p := range list {
		fmt.Fprintf(&b, "\n\n  %s\n      %s", p, strings.Join(kinds[p], " · "))
	}
	return b.String()
}
