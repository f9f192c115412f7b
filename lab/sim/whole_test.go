package sim_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/sim"
)

func TestAKindMayBreakAShopAsOftenAsItsScoreKeeps(t *testing.T) {
	found := lab.Report{Variant: "right", Kinds: map[string]lab.Count{
		"lost": {Tried: 9, Broken: 2}, "crash": {Tried: 9},
	}}
	t.Chdir(t.TempDir())
	require.Equal(t, []string{"lost"}, sim.Worse(t, found), "nothing is kept")
	keep := func(s sim.Score) {
		text, err := json.Marshal([]sim.Score{s})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(sim.ScoreFile, text, 0o600))
	}
	keep(sim.Score{Variant: "right", Kinds: map[string]lab.Count{"lost": {Tried: 9, Broken: 1}}})
	require.Equal(t, []string{"lost"}, sim.Worse(t, found),
		"one broken run is kept, and there are two")
	keep(sim.Score{Variant: "another", Kinds: found.Kinds})
	require.Equal(t, []string{"lost"}, sim.Worse(t, found), "it is another variant's score")
	keep(sim.Score{Variant: "right", Kinds: found.Kinds})
	require.Empty(t, sim.Worse(t, found))
}
