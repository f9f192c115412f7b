// Mutate measures how much a chapter's tests see. It changes the chapter's code in one
// place at a time, as a slip would, and runs the tests on each mutant.
//
//	go run ./lab/mutate -every 10 ch04-saga saga participant
//
// The first argument is the chapter, the others are its packages to be changed. The
// score is the share of mutants that the tests catch, of those that are not equivalent:
// the chapter's equivalent.txt says of each equivalent mutant, in a sentence, why no
// answer, ledger or message can differ. Nothing in the tree changes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	every    int           // the distance between two mutants of a sample
	from     int           // the first mutant of a sample, counted from 0
	only     string        // a part of the names of those that are tried
	atOnce   int           // mutants that are tried at the same time
	limit    time.Duration // the time after which no further mutant is begun; 0 is none
	least    float64       // the smallest score that is no error, in percent
	record   string        // a file of what was tried; a later run goes on from there
	patience time.Duration // how long a program may take at least
	quick    bool          // whether tests with real processes are left out
	list     bool          // whether mutants are listed and not tried
}

// run tries the mutants and prints the survivors and the score.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	var o options
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.IntVar(&o.every, "every", 1, "try every `k`-th mutant")
	flags.IntVar(&o.from, "from", 0, "leave out the first `n` mutants")
	flags.StringVar(&o.only, "only", "", "try mutants whose name contains the `text`")
	flags.IntVar(&o.atOnce, "at-once", runtime.NumCPU(), "try `n` mutants at the same time")
	flags.DurationVar(&o.limit, "time", 0, "begin no further mutant after this time")
	flags.Float64Var(&o.least, "least", 0, "fail if the score is below this `percentage`")
	flags.StringVar(&o.record, "record", "", "keep what was tried in `file`, and go on from there")
	flags.DurationVar(&o.patience, "patience", 20*time.Second, "give a program at least this time")
	flags.BoolVar(&o.quick, "quick", false, "leave out the tests that start real processes")
	flags.BoolVar(&o.list, "list", false, "list the mutants, and try none")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() < 2 || o.every < 1 || o.from < 0 || o.atOnce < 1 {
		return errors.New("it needs a chapter and its packages: ch04-saga saga participant")
	}
	chapter, mutants := flags.Arg(0), []mutant{}
	for _, name := range flags.Args()[1:] {
		list, err := generate(filepath.Join(chapter, name))
		if err != nil {
			return err
		}
		mutants = append(mutants, list...)
	}
	if err := excuse(mutants, filepath.Join(chapter, "equivalent.txt")); err != nil {
		return err
	}
	mutants = slices.DeleteFunc(mutants, func(m mutant) bool {
		return !strings.Contains(m.String(), o.only)
	})
	mutants = sample(mutants[min(o.from, len(mutants)):], o.every)
	if o.list {
		for _, m := range mutants {
			fmt.Fprintln(out, m)
		}
		return nil
	}
	return tryAll(ctx, chapter, mutants, o, out)
}

// sample returns every k-th mutant.
func sample(all []mutant, k int) (some []mutant) {
	for i := 0; i < len(all); i += k {
		some = append(some, all[i])
	}
	return some
}

// tryAll tries mutants until the time is up, and prints what came of them.
func tryAll(
	ctx context.Context, chapter string, list []mutant, o options, out io.Writer,
) (err error) {
	tests, err := newSuite(ctx, chapter, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tests.close()) }()
	known, err := openRecord(o.record)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, known.close()) }()
	results, left := make([]result, len(list)), []int{}
	for i, m := range list {
		switch known, tried := known.results[m.key()]; {
		case m.Excuse != "":
			results[i] = equivalent
		case tried:
			results[i] = known
		default:
			results[i] = untried
			left = append(left, i)
		}
	}
	left, tests.overlay, err = compiles(ctx, list, left, results, tests.dir)
	if err != nil {
		return err
	}
	for t := range tests.tryEach(ctx, list, left, o) {
		if t.err != nil {
			return t.err
		}
		fmt.Fprint(out, t.said)
		results[t.i] = t.result
		if err := known.add(list[t.i].key(), t.result); err != nil {
			return err
		}
	}
	sum := newTally()
	for i, m := range list {
		sum.add(m, results[i])
	}
	return errors.Join(ctx.Err(), sum.tell(out, o.least))
}
