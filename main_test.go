package main

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
)

// TestTheREADMESaysWhatTheChaptersFound makes its table of what each chapter's
// tests have found and keep.
func TestTheREADMESaysWhatTheChaptersFound(t *testing.T) {
	scores, err := sim.ReadScores(".")
	require.NoError(t, err)
	for _, file := range []string{"README.md", "README.zh.md"} {
		readme.Check(t, ".", file, readme.Config{
			Generated: map[string]string{"score": sim.ScoreTable(scores)},
		})
	}
}

// TestTheFirstProgramIsBuiltInSeconds makes sure that the course's first command, in
// whose build nothing can be said, does without what takes long to compile.
func TestTheFirstProgramIsBuiltInSeconds(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	for _, heavy := range []string{
		"net/http", "crypto/tls", "go/parser", "html/template", "regexp", "goldmark", "sqlite",
	} {
		require.NotContains(t, string(out), heavy)
	}
}
