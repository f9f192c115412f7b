package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/program"
)

func root(t *testing.T) string {
	t.Helper()
	dir, err := program.Root(".")
	require.NoError(t, err)
	return dir
}

func TestSeedsInARowHaveDifferentMistakes(t *testing.T) {
	list, err := bugs(root(t))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(list), 50)
	for _, first := range []int{1, 1 + len(list)} {
		seen := map[string]int{}
		for seed := first; seed < first+len(list); seed++ {
			b, err := choose(root(t), seed)
			require.NoError(t, err)
			name := b.chapter.Name + " " + b.mistake.Name
			require.Zero(t, seen[name], "%s has the mistake of seed %d, too", b.keys(), seen[name])
			seen[name] = seed
		}
	}
}

func TestASeedAlwaysHasTheSameMistake(t *testing.T) {
	for range 3 {
		b, err := choose(root(t), 7)
		require.NoError(t, err)
		again, err := choose(root(t), 7)
		require.NoError(t, err)
		require.Equal(t, b.mistake.Name, again.mistake.Name)
		require.Equal(t, "s7", b.keys())
	}
}

func TestEveryMistakeThatIsUnfitIsThere(t *testing.T) {
	for _, name := range unfit() {
		file := filepath.Join(root(t), filepath.FromSlash(name))
		require.FileExists(t, file, "take it off the list")
	}
}

func TestWhatCannotBeMeantIsRefused(t *testing.T) {
	const plan = "-fault=lost @ order -> stock: POST /take s3-1 #1"
	for _, row := range []struct {
		name string
		args []string
		says string
	}{
		{"no seed", nil, "-seed says which challenge it is"},
		{"no number", []string{"-seed", "x"}, `invalid value "x" for flag -seed`},
		{"a seed below 1", []string{"-seed", "0"}, "a seed is a number from 1 to 9999"},
		{"a seed too large", []string{"-seed", "10000"}, "a seed is a number from 1 to 9999"},
		{"another word", []string{"-seed", "3", "please"}, `what is "please" for?`},
		{"a plan without point", []string{"-seed", "3", "-fault", "lost"}, "want KIND @ POINT"},
		{"no such kind", []string{"-seed", "3", "-fault", "flood @ x"}, `no kind "flood"`},
		{"no invariant", []string{"-seed", "3", plan}, "-fault and -breaks go together"},
		{"no plan", []string{"-seed", "3", "-breaks", "conserved"},
			"-fault and -breaks go together"},
		{"no such invariant", []string{"-seed", "3", plan, "-breaks", "luck"},
			`there is no invariant "luck"; there are: conserved, all or nothing`},
		{"four faults", []string{"-seed", "3", plan, plan, plan, plan, "-breaks", "conserved"},
			"a plan of 3 faults is enough"},
		{"two things", []string{"-seed", "3", "-list", plan, "-breaks", "conserved"},
			"one thing at a time"},
		{"an answer to a plan", []string{"-answer", plan, "-breaks", "conserved"},
			"one thing at a time"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var said, wrong bytes.Buffer
			require.Equal(t, 2, run(t.Context(), row.args, &said, &wrong), "the exit code")
			require.Contains(t, wrong.String(), row.says)
			require.Empty(t, said.String())
		})
	}
}
