package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/readme"
)

// TestTheREADMESaysWhatTheChaptersFound makes its table of what each chapter's
// tests have found and keep.
func TestTheREADMESaysWhatTheChaptersFound(t *testing.T) {
	scores, err := lab.ReadScores(".")
	require.NoError(t, err)
	readme.Check(t, ".", "README.md", readme.Config{Generated: map[string]string{"score": lab.ScoreTable(scores)}})
}
