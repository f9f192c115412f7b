package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tiny is a chapter whose mutants are known.
const tiny = "lab/mutate/testdata/tiny"

func TestMain(m *testing.M) {
	if err := os.Chdir("../.."); err != nil { // to the root, where the tool is at home
		panic(err)
	}
	os.Exit(m.Run())
}

func TestEachKindOfMutantIsGenerated(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-list", tiny, "box"}, &out))
	require.Equal(t, `
26: box.Box.Full: > in place of >= in b.Count >= b.Size
30: box.Box.Fill: return before slog.Info("it is filled")
31: box.Box.Fill: return before for !b.Full() { b.Count++ time.Sleep(time.Millisecond) }
30: box.Box.Fill: without slog.Info("it is filled")
31: box.Box.Fill: not (!b.Full())
32: box.Box.Fill: without b.Count++
33: box.Box.Fill: without time.Sleep(time.Millisecond)
39: box.Box.Close: return before slog.Info("it is closed")
40: box.Box.Close: return before b.State = Closed
39: box.Box.Close: without slog.Info("it is closed")
40: box.Box.Close: without b.State = Closed
40: box.Box.Close: Open in place of Closed
44: box.Query: 'closed' in place of 'open' in "SELECT size FROM boxes WHERE state = 'open'"
`, "\n"+strings.ReplaceAll(out.String(), tiny+"/box/box.go:", ""))
}

func TestTheScoreCountsWhatTheTestsSee(t *testing.T) {
	if testing.Short() {
		t.Skip("-short builds no mutants")
	}
	record := filepath.Join(t.TempDir(), "record")
	args := []string{"-every=5", "-patience=4s", "-record=" + record, tiny, "box"}
	first, again := output(t, args), output(t, args)
	require.Contains(t, first, "; left out: example.com/dtx/"+tiny+
		" [-test.skip=Mistake|EveryFault|SameFaults]: unchanged, it fails TestThatFailsAsItIs\n")
	_, end, _ := strings.Cut(first, "\n\n")
	require.Equal(t, "No test sees:\n  "+tiny+"/box/box.go:40: "+
		"box.Box.Close: without b.State = Closed\n\n"+
		"score: 66.7% caught=2 survived=1 equivalent=0 uncompiled=0 unclear=0 untried=0; "+
		"of logging: caught=0 survived=0\n", end)
	require.Contains(t, first, "without b.Count++  by the time it takes\n")
	require.Equal(t, end, strings.TrimPrefix(again, "\n"), "tried anew: what the record has")
}

func output(t *testing.T, args []string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(t.Context(), args, &out))
	return out.String()
}

func TestAScoreBelowTheLeastIsAnError(t *testing.T) {
	sum := newTally()
	for _, r := range []result{caught, caught, survived, equivalent, uncompiled} {
		sum.add(mutant{}, r)
	}
	sum.add(mutant{Logging: true}, survived)
	require.InDelta(t, 100*2./3, sum.score(), 1e-9)
	require.NoError(t, sum.tell(&strings.Builder{}, 66))
	require.Error(t, sum.tell(&strings.Builder{}, 67))
}

// TestAsAsked is a program that goes on until it is stopped, or fails.
func TestAsAsked(t *testing.T) {
	switch os.Getenv("MUTATE_ASKS") {
	case "go on":
		time.Sleep(time.Hour)
	case "fail":
		t.Fatal("as it was asked")
	}
}

func TestAnUnchangedProgramThatIsNoBetterProvesNothing(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	same := step{
		pkg: "example.com/dtx/lab/mutate", program: program, real: true,
		flags: []string{"-test.run=^TestAsAsked$"},
	}
	for asked, limit := range map[string]time.Duration{
		"go on": 500 * time.Millisecond, "fail": time.Minute,
	} {
		t.Setenv("MUTATE_ASKS", asked)
		found, _, err := same.judge(t.Context(), "1", limit)
		require.NoError(t, err)
		require.Equal(t, unclear, found, asked)
	}
}

func TestAnExcuseNamesAMutant(t *testing.T) {
	path := filepath.Join(t.TempDir(), "equivalent.txt")
	require.NoError(t, os.WriteFile(path, []byte("p.f: a change\n\tIt has no effect.\n"), 0o600))
	list := []mutant{{Func: "p.f", What: "a change"}}
	require.NoError(t, excuse(list, path))
	require.Equal(t, "It has no effect.", list[0].Excuse)
	other := []mutant{{Func: "p.g", What: "a change"}}
	require.ErrorContains(t, excuse(other, path), `there is no mutant "p.f: a change" any more`)
	require.NoError(t, excuse(nil, path), "another package is changed now")
}
