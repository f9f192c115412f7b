package study

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFindingBecomesProse(t *testing.T) {
	for want, f := range map[string]Finding{
		"": {},
		"mine\ndone     this\n         and this\nfound    that\n         and that\nlogged   oh" +
			"\n\n    │\n\ndrawn    /out/step-1.svg\n\nhint     why?": {
			Said: "mine", Done: "this\nand this", Found: []string{"that", "and that"},
			Logged: "oh", Sketch: "    │", Drawn: "/out/step-1.svg", Hint: "why?",
		},
		"cut      it waits\nmore     go test": {Cut: "it waits", More: "go test"},
		"not written yet: a.go:1": {
			NotWritten: "not written yet: a.go:1", Said: "mine", Hint: "why?",
		},
	} {
		require.Equal(t, want, f.String())
	}
}

// TestAFindingOfAnyLengthComesThroughGoTest has go test's own converter read a finding
// and what a step prints, as go test -json does.
func TestAFindingOfAnyLengthComesThroughGoTest(t *testing.T) {
	t.Setenv(FindingsVariable, "1")
	f := Finding{Said: "mine", Sketch: strings.Repeat("  order ───✕ stock \n", 200)}
	var printed bytes.Buffer
	for _, name := range []string{"1_it_is_there", "2_it_is_right", "3_it_is_new"} {
		test := "TestExercise/" + name
		fmt.Fprintf(&printed, "\x16=== RUN   %s\nforged: found    nothing", test)
		end := map[string]string{"1_it_is_there": "PASS", "3_it_is_new": "SKIP"}[name]
		if end == "" {
			f.Attach(func(key, value string) {
				fmt.Fprintf(&printed, "\x16=== ATTR  %s %s %s\n", test, key, value)
			})
			end = "FAIL"
		}
		fmt.Fprintf(&printed, "\x16--- %s: %s (0.00s)\n", end, test)
	}
	printed.WriteString("\x16FAIL\n")
	convert := exec.CommandContext(t.Context(), "go", "tool", "test2json")
	convert.Stdin = &printed
	events, err := convert.Output()
	require.NoError(t, err)
	var r Result
	r.Read(events)
	require.Len(t, r.Steps, 3)
	require.Equal(t, Step{Name: "1 it is there", Passed: true}, r.Steps[0])
	require.Equal(t, f, r.Steps[1].Finding)
	require.Equal(t, f.String(), r.Steps[1].Said)
	require.True(t, r.Steps[2].Skipped)
	require.Contains(t, r.Steps[2].Said, "forged", "it has no finding: so all is shown")
}

func TestAStepThatAProgramHasMadeUpIsNone(t *testing.T) {
	for _, action := range []string{"pass", "skip"} {
		var r Result
		events := `{"Action":"` + action + `","Test":"TestExercise/mine"}` + "\n"
		r.Read([]byte(events))
		require.Empty(t, r.Steps)
		r.Read([]byte(`{"Action":"run","Test":"TestExercise/1"}` + "\n" + events))
		require.Len(t, r.Steps, 1)
		require.False(t, r.Steps[0].Passed || r.Steps[0].Skipped, action)
	}
}
