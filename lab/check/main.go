// Check puts a participant that is written in any language to the test.
//
//	go run . check saga -- python3 mine.py
//
// The program takes the place of stock in a chapter's shop; the chapter's participant.yaml
// is its contract. The laboratory is the orchestrator or the coordinator, so every message is
// its own: it loses them, sends them twice and late, and kills the program at them, and at
// its system calls (calls.go). After each it audits the ledger. A right participant is known
// to be in one of a few states (model.go), and each answer must be right for one of them.
// What differs between the protocols is in a file for each.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"example.com/dtx/internal/openapi"
	"example.com/dtx/internal/program"
	"example.com/dtx/lab/check/trace"
)

func main() {
	trace.Child()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(check(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// The exit codes.
const (
	right     = 0
	wrong     = 1
	noVerdict = 2 // the command was not understood, the program did not start, or Ctrl-C
)

const usage = `go run . check PROTOCOL [flags] -- PROGRAM [ARGUMENTS]

The program takes the place of stock in a shop. The protocol says in which:

  saga   that of chapter 4; ch04-saga/participant.yaml is the contract
  2pc    that of chapter 5, two-phase commit; ch05-2pc/participant.yaml
  tcc    that of chapter 6, try, confirm, cancel; ch06-tcc/participant.yaml

The program listens on 127.0.0.1, at the port in the variable PORT of its environment, and
keeps its data in the folder in DATA. With 2pc it inquires at the address in COORDINATOR,
such as 127.0.0.1:7500. In its arguments, $PORT, $DATA and $COORDINATOR stand for these.
python/stock.py in the chapter's folder is such a program.

Messages are lost, repeated and late, and the program is killed at them. On Linux on amd64
it is also killed at each system call that changes or forces a file in DATA, and the power
is cut there: what was not forced is lost.

  -all        go on after a run that breaks it
  -run NAME   play one run, and draw it
  -from NAME  begin with this run, and leave out those before it
  -times N    play each run until it breaks, but N times at most: where a kill strikes
              is a matter of time
  -list       list the names of the runs; with a PROGRAM, those at its system calls, too

Exit code: 0 if nothing is broken, 1 if something is, 2 if there is no verdict. Go run makes
both 1; a CI does "go build -o course ." and "./course check PROTOCOL -- PROGRAM".
`

// checker is what the command line says.
type checker struct {
	*protocol
	command        []string
	document       *openapi.Document
	all            bool
	one, from      string // names of runs
	times          int
	list           bool
	untraced       string // why there is no run at a system call
	missed         int    // runs in which the program did not make the call
	stdout, stderr io.Writer
}

// check does what the command line says, and returns the exit code.
func check(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	k := checker{stdout: stdout, stderr: stderr}
	err := k.parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return right
	}
	if err != nil {
		fmt.Fprintf(stderr, "%v\n\n%s", err, usage)
		return noVerdict
	}
	code, err := k.run(ctx)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "stopped: no verdict")
		return noVerdict
	case err != nil:
		fmt.Fprintln(stderr, err)
		return noVerdict
	}
	return code
}

// protocols are what there is to check.
func protocols() []*protocol { return []*protocol{saga(), twopc(), tcc()} }

func (k *checker) parse(args []string) error {
	if len(args) > 0 && strings.TrimLeft(args[0], "-") == "help" {
		return flag.ErrHelp
	}
	var names []string
	for _, p := range protocols() {
		names = append(names, p.name)
		if len(args) > 0 && args[0] == p.name {
			k.protocol = p
		}
	}
	if k.protocol == nil {
		return fmt.Errorf("check which protocol? There are: %s", strings.Join(names, ", "))
	}
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&k.all, "all", false, "")
	flags.StringVar(&k.one, "run", "", "")
	flags.StringVar(&k.from, "from", "", "")
	flags.IntVar(&k.times, "times", 1, "")
	flags.BoolVar(&k.list, "list", false, "")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if k.times < 1 {
		return errors.New("-times is 1 or more")
	}
	if k.command = flags.Args(); len(k.command) == 0 && !k.list {
		return errors.New("check which program?")
	}
	root, err := program.Root(".")
	if err != nil {
		return err
	}
	k.document, err = openapi.Load(filepath.Join(root, k.chapter, "participant.yaml"))
	return err
}

func (k *checker) run(ctx context.Context) (code int, err error) {
	messages, kills := k.runs()
	phases := [][]run{messages, kills}
	name := cmp.Or(k.one, k.from)
	r, i := named(phases, name)
	found := i >= 0
	if !found {
		r, found = k.atCall(name)
	}
	switch {
	case k.list && len(k.command) == 0:
		return right, k.print(phases)
	case name != "" && !found:
		return noVerdict, fmt.Errorf("there is no run %q; -list lists them", name)
	case k.one != "":
		return k.playOne(ctx, r)
	}
	began := time.Now()
	stop := program.Progress(k.stderr, "waiting for an answer to GET /ledger")
	t, err := k.playOnce(ctx, run{})
	stop()
	if err != nil {
		return k.judge(t, run{name: "the start"}, err)
	}
	start := time.Since(began)
	calls, cuts, err := k.callRuns(ctx)
	if err != nil {
		return noVerdict, err
	}
	phases = append(phases, calls, cuts)
	if k.list {
		return right, k.print(phases)
	}
	if k.from != "" {
		_, i := named(phases, k.from)
		if i < 0 {
			return noVerdict, fmt.Errorf("there is no run %q; -list -- PROGRAM lists them", k.from)
		}
		fmt.Fprintf(k.stdout, "%d runs are left out.\n", i)
		for p, phase := range phases {
			left := min(i, len(phase))
			phases[p], i = phase[left:], i-left
		}
	}
	all := slices.Concat(phases...)
	starts := 2*len(all) - len(phases[0])
	fmt.Fprintf(k.stdout, "%d runs, each on fresh data: %d with faults of messages, "+
		"%d with a kill, %d with a kill\nat a system call, %d with a power cut. "+
		"About %.0f s, for a start takes %.1f s, and a kill needs two.\n",
		len(all), len(phases[0]), len(phases[1]), len(phases[2]), len(phases[3]),
		start.Seconds()*float64(starts), start.Seconds())
	return k.every(ctx, all)
}

// named returns the run of a name, and its place among all; it is -1 if there is none.
func named(phases [][]run, name string) (run, int) {
	all := slices.Concat(phases...)
	i := slices.IndexFunc(all, func(r run) bool { return r.name == name })
	if i < 0 {
		return run{}, i
	}
	return all[i], i
}

// print prints the names of runs.
func (k *checker) print(phases [][]run) (err error) {
	for _, r := range slices.Concat(phases...) {
		_, failed := fmt.Fprintln(k.stdout, r.name)
		err = errors.Join(err, failed)
	}
	return err
}
