package sim

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
)

// KeepScores requires that what the chapter's folder keeps of its scores is what
// was found. UPDATE=1 writes it anew. It leaves it out if only the faults were asked for.
func KeepScores(t *testing.T, c lab.Chapter, reports ...lab.Report) {
	t.Helper()
	if OnlyFaults() {
		return
	}
	scores, err := Scores(c, reports...)
	require.NoError(t, err)
	found, err := json.MarshalIndent(scores, "", "  ")
	require.NoError(t, err)
	if os.Getenv("UPDATE") != "" {
		require.NoError(t, os.WriteFile(ScoreFile, append(found, '\n'), 0o644))
	}
	kept, err := os.ReadFile(ScoreFile)
	require.NoError(t, err)
	require.JSONEq(t, string(found), string(kept),
		"%s is not what was found: UPDATE=1 writes it anew", ScoreFile)
}

// OnlyFaults tells whether nothing but damage was asked for: no lesson and no scores.
// That is so, too, if a part of the faults was asked for, or more of them.
func OnlyFaults() bool {
	return testing.Short() || slices.ContainsFunc([]string{
		lab.ExploreVariable, lab.PairsVariable, lab.RacesVariable, lab.VariantVariable,
		lab.FromVariable,
	}, func(name string) bool { return os.Getenv(name) != "" })
}

// KeptReports are the reports of the scores that the chapter's folder keeps: a lesson tells
// them without another exploration. KeepScores holds them against what is found.
func KeptReports(t *testing.T) (reports []lab.Report) {
	t.Helper()
	scores, err := KeptScores(ScoreFile)
	require.NoError(t, err)
	for _, s := range scores {
		reports = append(reports, lab.Report{
			Variant: s.Variant, Faults: s.Faults, Broken: s.Broken + s.Torn,
			Schedules: s.Schedules, Torn: s.Torn, Kinds: s.Kinds,
		})
	}
	return reports
}
