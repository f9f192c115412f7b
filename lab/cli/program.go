package cli

import (
	"bytes"
	"cmp"
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
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/serve"
	"example.com/dtx/lab/source"
)

// Main is a chapter's program. It returns the exit code: 0 if it did what was
// asked, 1 if not, 2 if it did not understand.
func Main(c lab.Chapter) int {
	if err := machine.SQLite(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	real.Child(c)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := Run(ctx, c, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "stopped")
		return 1
	}
	fmt.Fprintln(os.Stderr, err)
	if usage, ok := errors.AsType[usageError](err); ok {
		return usage.ExitCode()
	}
	return 1
}

// usageError is an error in the command that was typed.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// ExitCode is the program's exit status.
func (u usageError) ExitCode() int { return 2 }

// command is what was asked for on the command line.
type command struct {
	list, explore, pairs, serve, live, json bool
	variant, scenario, mistake, experiment  string
	faults                                  []fault.Fault
	served                                  serve.ServeOptions
}

// Program returns a chapter's program, as a lesson's checks run it.
func Program(
	c lab.Chapter,
) func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		return Run(ctx, c, args, stdout, stderr)
	}
}

// Run does what a chapter's command line asks.
func Run(ctx context.Context, c lab.Chapter, args []string, stdout, stderr io.Writer) error {
	cmd, err := parse(c, args, stderr)
	if err != nil {
		return err
	}
	if cmd.serve || cmd.live {
		return keepUp(ctx, c, cmd, stdout)
	}
	stdout, stop := program.Watch(stdout, stderr, "at work; timeouts take their real time")
	defer stop()
	t := lab.NewTeller(stdout)
	switch {
	case cmd.list:
		return list(ctx, c, t)
	case cmd.explore:
		return explore(ctx, c, stdout, cmd)
	case cmd.mistake != "":
		return tellMistake(ctx, c, cmd, stdout, stderr)
	case cmd.scenario != "" || len(cmd.faults) > 0:
		return play(ctx, c, cmd, stdout)
	}
	return tell(ctx, c, t, cmd.experiment)
}

// keepUp runs the services until ctx is done.
func keepUp(ctx context.Context, c lab.Chapter, cmd command, stdout io.Writer) error {
	v, _, err := pick(c, cmd)
	if err != nil {
		return err
	}
	if cmd.serve {
		if err := cmd.served.Check(v); err != nil {
			return usageError{err}
		}
		return serve.Serve(ctx, lab.NewTeller(stdout), c, v, cmd.served)
	}
	signal.Ignore(syscall.SIGPIPE) // also when the page has gone, the databases are removed
	if err := serve.Live(ctx, c, v, os.Stdin, stdout); !errors.Is(err, syscall.EPIPE) {
		return err
	}
	return nil
}

func parse(c lab.Chapter, args []string, stderr io.Writer) (cmd command, err error) {
	flags := flag.NewFlagSet(c.Name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&cmd.list, "list", false,
		"list the variants, scenarios, fault points and mistakes")
	flags.StringVar(&cmd.experiment, "experiment", "", "run one `experiment` of the story")
	flags.StringVar(&cmd.variant, "variant", "", "the `variant` of the shop to run or explore")
	flags.StringVar(&cmd.scenario, "scenario", "",
		"play one `scenario` in real processes, and draw it")
	const struck = "a `fault` to strike in the scenario, " +
		"e.g. 'lost @ order -> stock: POST /take order-1 #1'; may be repeated"
	flags.Func("fault", struck, func(s string) error {
		f, err := fault.Parse(s)
		cmd.faults = append(cmd.faults, f)
		return err
	})
	flags.BoolVar(&cmd.json, "json", false,
		"with -scenario, -fault or -mistake: print the events as JSON lines")
	flags.BoolVar(&cmd.explore, "explore", false, "try every fault in the simulation")
	flags.BoolVar(&cmd.pairs, "pairs", false, "with -explore: every pair of faults, too")
	flags.StringVar(&cmd.mistake, "mistake", "",
		"put a classic `mistake` into the code, and see what breaks")
	flags.BoolVar(&cmd.serve, "serve", false,
		"run the services (or only those named after the flags) until Ctrl-C")
	const kept = "with -serve: the `folder` in which the databases are kept"
	flags.StringVar(&cmd.served.Dir, "dir", "", kept)
	flags.IntVar(&cmd.served.Port, "port", 0,
		"with -serve and one service: the `port` where it listens")
	cmd.served.Peers = map[string]string{}
	const elsewhere = "with -serve: the `address` of a service that runs elsewhere, " +
		"e.g. order=127.0.0.1:7000; may be repeated"
	flags.Func("peer", elsewhere, func(s string) error {
		name, addr, ok := strings.Cut(s, "=")
		if cmd.served.Peers[name] = addr; !ok {
			return errors.New("want SERVICE=HOST:PORT")
		}
		return nil
	})
	flags.BoolVar(&cmd.live, "live", false, "run the services for a page: "+
		"JSON lines of commands come in, lines of what happens go out (see lab/live)")
	err = flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(stderr)
		const head = "%s: %s\n\nusage: go run ./%s [flags]\n\n" +
			"Without flags it tells the chapter's story.\n\n"
		fmt.Fprintf(stderr, head, c.Name, c.Title, c.Name)
		flags.PrintDefaults()
	}
	if errors.Is(err, flag.ErrHelp) {
		return cmd, err
	}
	cmd.served.Names = flags.Args()
	if err == nil {
		err = check(c, cmd)
	}
	if err != nil {
		const help = "%w\ngo run ./%s -list shows what there is, -help how to say it"
		err = usageError{fmt.Errorf(help, err, c.Name)}
	}
	return cmd, err
}

// check refuses what cannot be meant.
func check(c lab.Chapter, cmd command) error {
	play := cmd.scenario != "" || len(cmd.faults) > 0
	switch {
	case len(cmd.served.Names) > 0 && !cmd.serve:
		return fmt.Errorf("do not know what to do with %q", strings.Join(cmd.served.Names, " "))
	case cmd.pairs && !cmd.explore:
		return errors.New("-pairs goes with -explore")
	case cmd.served.Dir != "" && !cmd.serve:
		return errors.New("-dir goes with -serve")
	case cmd.served.Port != 0 && (!cmd.serve || len(cmd.served.Names) != 1):
		return errors.New("-port goes with -serve and the name of one service")
	case len(cmd.served.Peers) > 0 && !cmd.serve:
		return errors.New("-peer goes with -serve")
	case cmd.json && !play && cmd.mistake == "":
		return errors.New("-json goes with -scenario, -fault or -mistake")
	case cmd.variant != "" && !play && !cmd.explore && !cmd.serve && !cmd.live:
		return errors.New("-variant goes with -scenario, -fault, -explore, -serve or -live")
	case count(
		cmd.list, cmd.explore, cmd.mistake != "", cmd.experiment != "", cmd.serve, cmd.live, play,
	) > 1:
		return errors.New("one thing at a time: -list, -explore, -mistake, -experiment, " +
			"-serve, -live, or -scenario with -fault")
	}
	_, _, err := pick(c, cmd)
	return err
}

func count(asked ...bool) (n int) {
	for _, a := range asked {
		if a {
			n++
		}
	}
	return n
}

// pick returns the variant and the scenario that were asked for. Without a word, it
// is the chapter's default, and the first scenario.
func pick(c lab.Chapter, cmd command) (v lab.Variant, s lab.Scenario, err error) {
	v, s = c.Variants[0], c.Scenarios[0]
	if name := cmp.Or(cmd.variant, c.Default); name != "" {
		v, err = c.Variant(name)
	}
	if err == nil && cmd.scenario != "" {
		s, err = c.Scenario(cmd.scenario)
	}
	return v, s, err
}

// play plays what the command line names.
func play(ctx context.Context, c lab.Chapter, cmd command, stdout io.Writer) error {
	v, s, err := pick(c, cmd)
	if err != nil {
		return err
	}
	o, err := real.Play(ctx, c, v, s, cmd.faults...)
	if err != nil {
		return err
	}
	if len(o.Unfired) > 0 {
		const missed = "the run never came to %v\ngo run ./%s -list shows the points that it passes"
		return fmt.Errorf(missed, o.Unfired, c.Name)
	}
	if cmd.json {
		return event.Write(stdout, o.Events)
	}
	return o.Tell(lab.NewTeller(stdout), v)
}

// tellMistake shows a mistake, and the shortest run in which it does damage. With
// -json, standard output has the run's events, and stderr what else was found.
func tellMistake(
	ctx context.Context, c lab.Chapter, cmd command, stdout, stderr io.Writer,
) error {
	t, name := lab.NewTeller(stdout), cmd.mistake
	draw := t.Draw
	if cmd.json {
		t = lab.NewTeller(stderr)
		draw = func(_ []string, run []event.Event) error { return event.Write(stdout, run) }
	}
	root, err := program.Root(".")
	if err != nil {
		return err
	}
	list, err := source.Mistakes(c, root)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.Name != name {
			continue
		}
		if !cmd.json {
			t.Title("%s", m.What)
			t.Say("Why people do it: %s.\n\n%s", m.Why, m.Patch)
		}
		t.Say("Trying every fault …")
		reports, err := m.Explore(ctx, c, root)
		if err != nil {
			return err
		}
		d, err := m.Caught(reports)
		if err != nil {
			return err
		}
		if m.Breaks == source.Nothing {
			t.Say("Nothing breaks: %s", lab.Total(reports, m.Variant))
			return nil
		}
		return tellDamage(c, t, d, draw)
	}
	const unknown = "%s has no mistake %q; go run ./%s -list shows them"
	return usageError{fmt.Errorf(unknown, c.Name, name, c.Name)}
}

// tellDamage draws the shortest run that shows a kind of damage.
func tellDamage(
	c lab.Chapter, t *lab.Teller, d lab.Damage, draw func([]string, []event.Event) error,
) error {
	var columns []string
	// Without a variant, a test of its own found it, without services.
	if v, err := c.Variant(d.Variant); err == nil {
		columns = v.Columns()
	}
	t.Say("The shortest run that breaks %q, with %s:", d.Invariant, d.Cause())
	if err := draw(columns, d.Events); err != nil {
		return err
	}
	says := lab.Finding{Damage: d.Damage, Text: d.Text}.String()
	isSaid := func(e event.Event) bool { return e.Data.Text == says }
	if !slices.ContainsFunc(d.Events, isSaid) { // else the drawing ends with it
		t.Say("%s", says)
	}
	return nil
}

// tell runs the chapter's experiments, or the one of that name.
func tell(ctx context.Context, c lab.Chapter, t *lab.Teller, name string) error {
	told := 0
	for _, e := range c.Experiments {
		if name != "" && e.Name != name {
			continue
		}
		told++
		t.Title("%s: %s", e.Name, e.Claim)
		if err := e.Run(ctx, t); err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
	}
	if told == 0 && name != "" {
		const unknown = "%s has no experiment %q; go run ./%s -list shows them"
		return usageError{fmt.Errorf(unknown, c.Name, name, c.Name)}
	}
	return nil
}

// explore runs the simulation's tests and passes on their scores.
func explore(ctx context.Context, c lab.Chapter, stdout io.Writer, cmd command) error {
	environment := []string{lab.ExploreVariable + "=1"}
	if cmd.pairs {
		environment = append(environment, lab.PairsVariable+"=1")
	}
	if cmd.variant != "" {
		environment = append(environment, lab.VariantVariable+"="+cmd.variant)
	}
	var said bytes.Buffer
	t := lab.NewTeller(io.MultiWriter(stdout, &said))
	err := source.Test(ctx, t, c, source.Explorations, environment...)
	if err == nil && !bytes.Contains(said.Bytes(), []byte("score: ")) {
		return fmt.Errorf("no test of %s explores %s", c.Name, cmp.Or(cmd.variant, "anything"))
	}
	return err
}
