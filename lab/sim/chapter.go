package sim

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/machine"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/source"
)

// Main is a chapter's TestMain. All temporary files lie in one directory, and
// those that are to be on the real disk in another; both are gone when the tests
// have ended, also by Ctrl-C.
func Main(m *testing.M, c lab.Chapter) {
	if err := machine.SQLite(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	real.Child(c)
	slog.SetDefault(slog.New(slog.DiscardHandler)) // thousands of runs fail on purpose
	moreAtOnce()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // a run leaves much behind, and little of it lives
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		// What a run's pools hold, only the second collection frees: without a limit the
		// heap grows from one to the next.
		debug.SetMemoryLimit(256 << 20)
	}
	end := interrupted()
	disk, err := os.MkdirTemp("", "dtx")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	dir, err := lab.Scratch()
	if err != nil {
		fmt.Fprintln(os.Stderr, errors.Join(err, os.Remove(disk)))
		os.Exit(1)
	}
	remove := func() (err error) {
		for range 100 { // while runs are still under way, they may come in between
			if err = errors.Join(os.RemoveAll(dir), os.RemoveAll(disk)); err == nil {
				break
			}
		}
		return err
	}
	for _, name := range lab.TempVariables() {
		_ = os.Setenv(source.Before(name), os.Getenv(name))
		_ = os.Setenv(name, dir)
	}
	_ = os.Setenv(lab.DiskVariable, disk)
	if os.Getenv(apartVariable)+os.Getenv(lab.UntilVariable) != "" {
		runtime.GOMAXPROCS(1) // it plays one run after the other
	}
	go func() {
		<-end
		_ = remove()
		os.Exit(1)
	}()
	code := m.Run()
	if err := remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// interrupted says when the tests are to end though they are not through.
func interrupted() <-chan os.Signal {
	end := make(chan os.Signal, 1)
	if os.Getenv(apartVariable) == "" {
		signal.Notify(end, os.Interrupt)
		return end
	}
	// With its parent process: it cleans up though no process is left
	// to read what it prints.
	signal.Ignore(os.Interrupt, syscall.SIGPIPE)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		end <- os.Interrupt
	}()
	return end
}

// moreAtOnce lets more tests run in parallel than there are cores if the command line
// does not say how many: most of them wait for real processes.
func moreAtOnce() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", "6") // go test always defines it
	}
}

// OnlyIfShort returns a chapter of which -short plays one scenario only.
func OnlyIfShort(t *testing.T, c lab.Chapter, scenario string) lab.Chapter {
	t.Helper()
	s, err := c.Scenario(scenario)
	require.NoError(t, err)
	if testing.Short() {
		c.Scenarios = []lab.Scenario{s}
	}
	return c
}

// EveryFault plays every scenario of a variant under every single fault, or
// one of so many pairs, if the environment asks for pairs. Three sorts of scenario are about fewer
// faults: with a Release, deaths of the service that has that version; with InTurn, deaths
// and zombies; with a Change, deaths, a lost reply, and a request that is delivered at
// rest. Scenarios of several orders at once are played in every interleaving of their
// durable writes, without faults if they are not InDepth. Each
// scenario has a process of its own. It prints a score for each, and returns their
// sum. With -race and -short it plays one of four faults of each kind.
func EveryFault(t *testing.T, c lab.Chapter, v lab.Variant) lab.Report {
	t.Helper()
	if raceDetector && testing.Short() {
		return everyFault(t, c, v, 4)
	}
	return everyFault(t, c, v, 1)
}

// OneFaultOf is EveryFault for a variant that takes long: it plays one of n faults of each
// kind. It plays all for a program of the laboratory, and to make a WholeScore.
func OneFaultOf(t *testing.T, c lab.Chapter, v lab.Variant, n int) lab.Report {
	t.Helper()
	if asked, err := strconv.Atoi(os.Getenv(oneOfVariable)); err == nil {
		return everyFault(t, c, v, asked)
	}
	if WholeScore() || os.Getenv(lab.ExploreVariable) != "" || reporting() {
		n = 1
	}
	return everyFault(t, c, v, n)
}

// WholeScore tells whether the score of a variant that takes long is to be made: in the long
// tier, and when it is written anew.
func WholeScore() bool { return os.Getenv(lab.WholeVariable)+os.Getenv("UPDATE") != "" }

func everyFault(t *testing.T, c lab.Chapter, v lab.Variant, oneOf int) lab.Report {
	t.Helper()
	if only := os.Getenv(lab.VariantVariable); only != "" && only != v.Name {
		t.Skipf("only the variant %s was asked for", only)
	}
	playTrial(t, c, v)
	with, until := standing(t), os.Getenv(lab.UntilVariable)
	if until == lab.AnyInvariant {
		plainly(t, c, v)
	}
	from := firstExplored(t, c)
	pairs, isApart := os.Getenv(lab.PairsVariable) != "", os.Getenv(apartVariable) != ""
	pairOf, _ := strconv.Atoi(os.Getenv(lab.PairsVariable)) // 0 means each
	reports := make([]lab.Report, len(c.Scenarios))
	t.Run("scenarios", func(t *testing.T) {
		for i, scenario := range c.Scenarios {
			t.Run(scenario.Name, func(t *testing.T) {
				if until == "" {
					t.Parallel()
				}
				switch {
				case !scenario.Suits(v):
					const left = "scenario %q is left out: the variant %q has %s"
					t.Skipf(left, scenario.Name, v.Name, scenario.Lacks(v))
				case i < from || until != "" && breaks(reports[:i], until):
					reports[i] = NewStage(t, c, v).Plain(t, scenario)
				case until == "" && !isApart:
					reports[i] = kept(t, v.Name+" "+scenario.Name, func() lab.Report {
						return apart(t, oneOf)
					})
				case scenario.AtOnce():
					reports[i] = NewStage(t, c, v).Until(until).Interleave(t, scenario)
				default:
					stage := NewStage(t, c, v).Until(until)
					stage.oneOf, stage.pairOf = oneOf, pairOf
					reports[i] = stage.Explore(t, scenario, pairs, with...)
				}
				Publish(t, reports[i])
				if until == lab.AnyInvariant {
					requireNoWorse(t, reports[i])
				}
			})
		}
	})
	if isApart {
		t.SkipNow() // what follows is for the parent process
	}
	total := lab.Report{Variant: v.Name, Scenario: "all"}
	for _, r := range reports {
		total.Merge(r)
	}
	fmt.Fprintln(t.Output(), total)
	lab.NewTeller(t.Output()).Table(lab.KindTable(total))
	if !reporting() {
		require.Empty(t, total.Wrong, "%s fails although nothing was done to it", v.Name)
	}
	return total
}

// firstExplored returns the number of the first scenario that is explored.
func firstExplored(t *testing.T, c lab.Chapter) int {
	t.Helper()
	first := os.Getenv(lab.FromVariable)
	if first == "" {
		return 0
	}
	i := slices.IndexFunc(c.Scenarios, func(s lab.Scenario) bool { return s.Name == first })
	require.GreaterOrEqual(t, i, 0, "this test plays no scenario %q of %s", first, c.Name)
	return i
}

// plainly plays every scenario without a fault: what is wrong so is seen first.
func plainly(t *testing.T, c lab.Chapter, v lab.Variant) {
	t.Helper()
	for _, s := range c.Scenarios {
		if s.Suits(v) {
			requireNoWorse(t, NewStage(t, c, v).Plain(t, s))
		}
	}
}

// requireNoWorse ends a test that has seen damage, but what the chapter's scores keep.
func requireNoWorse(t *testing.T, r lab.Report) {
	t.Helper()
	require.Empty(t, r.Wrong, "%s, %s", r.Variant, r.Scenario)
	require.Empty(t, worse(t, r), "%s, %s", r.Variant, r.Scenario)
}

// breaks tells whether one of the reports has seen the invariant broken.
func breaks(reports []lab.Report, invariant string) bool {
	return slices.ContainsFunc(reports, func(r lab.Report) bool { return broken(r, invariant) > 0 })
}

// broken counts the runs of a report that broke the invariant.
func broken(r lab.Report, invariant string) (runs int) {
	for _, d := range r.Damages {
		if d.Invariant == invariant || invariant == lab.AnyInvariant {
			runs += d.Runs
		}
	}
	return runs
}

// standing returns the faults that strike in every run, if the environment
// names some.
func standing(t *testing.T) (list []fault.Fault) {
	t.Helper()
	semicolon := func(r rune) bool { return r == ';' }
	for _, name := range strings.FieldsFunc(os.Getenv(lab.WithVariable), semicolon) {
		f, err := fault.Parse(name)
		require.NoError(t, err)
		list = append(list, f)
	}
	return list
}

// Publish prints a score, and hands the report to the process that runs this test.
func Publish(t *testing.T, r lab.Report) {
	t.Helper()
	fmt.Fprintln(t.Output(), r)
	if !reporting() {
		return
	}
	line, err := json.Marshal(r)
	require.NoError(t, err)
	fmt.Fprintf(t.Output(), "%s%s\n", source.ReportPrefix, line)
}

// reporting tells whether another program reads the reports and judges.
func reporting() bool { return os.Getenv(lab.ReportVariable) != "" }
