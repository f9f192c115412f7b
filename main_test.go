package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/readme"
	"example.com/dtx/lab/sim"
)

// commands matches a block of commands to type.
var commands = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// TestTheREADMESaysWhatTheChaptersFound makes its table of what each chapter's
// tests have found and keep.
func TestTheREADMESaysWhatTheChaptersFound(t *testing.T) {
	scores, err := sim.ReadScores(".")
	require.NoError(t, err)
	tables := map[string]string{"score": sim.ScoreTable(scores), "peers": peers(t)}
	for _, file := range []string{"README.md", "README.zh.md"} {
		readme.Check(t, ".", file, readme.Config{Generated: tables})
	}
}

// peers is the table that chapter 8's BenchmarkPeers has saved.
func peers(t *testing.T) string {
	t.Helper()
	type measured struct {
		Machine string
		Rows    []struct {
			Clients                             int
			What                                string
			PerSecond, P50, P99                 float64
			Processor, Forced, ToBare, ToEngine float64
		}
	}
	saved := readme.Measured[measured](t, "ch08-engine/dbos/peers.json")
	rows := [][]string{{
		"clients", "", "orders/s", "÷ bare calls", "÷ engine", "p50", "p99", "processor",
		"forced writes an order",
	}}
	for _, r := range saved.Rows {
		rows = append(rows, []string{
			fmt.Sprint(r.Clients), r.What, fmt.Sprintf("%.0f", r.PerSecond),
			fmt.Sprintf("%.2f", r.ToBare), fmt.Sprintf("%.2f", r.ToEngine),
			fmt.Sprintf("%.0f ms", r.P50), fmt.Sprintf("%.0f ms", r.P99),
			fmt.Sprintf("%.1f ms", r.Processor/1000), fmt.Sprintf("%.1f", r.Forced),
		})
	}
	return readme.Markdown(rows) + "\n(" + saved.Machine + ")\n"
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
