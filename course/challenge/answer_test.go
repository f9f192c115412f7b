package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestATeacherSeesWhichMistakeIsWhose(t *testing.T) {
	var said, wrong bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"-answer"}, &said, &wrong), "%s", &wrong)
	b, err := choose(root(t), 7)
	require.NoError(t, err)
	require.Regexp(t, `(?m)^ +7 +`+b.chapter.Name+` +`+b.mistake.Name, said.String())
	cmd := command{root: t.TempDir()}
	require.ErrorContains(t, cmd.overview(), "this copy of the course is for students")
}

// TestEverySeedHasAnAnswer is part of .ci/long: it explores every mistake.
func TestEverySeedHasAnAnswer(t *testing.T) {
	if os.Getenv("CHALLENGE") == "" {
		t.Skip("CHALLENGE=1 solves the challenge of every mistake, as .ci/long does")
	}
	list, err := bugs(root(t))
	require.NoError(t, err)
	first := map[string]string{}
	for seed := range len(list) {
		b, err := choose(root(t), seed+1)
		require.NoError(t, err)
		var said, wrong bytes.Buffer
		code := run(t.Context(), []string{"-answer", "-seed", fmt.Sprint(b.seed)}, &said, &wrong)
		if !assert.Zero(t, code, "%s: %s", b.mistake.Name, &wrong) {
			continue
		}
		answer := typed(t, said.String())
		said.Reset()
		assert.Zero(t, run(t.Context(), answer, &said, &wrong), "%q: %s%s", answer, &said, &wrong)
		assert.Contains(t, said.String(), "For the viva:")
		t.Logf("%s %s: %q", b.chapter.Name, b.mistake.Name, answer)
		bare := b.chapter.Name + strings.ReplaceAll(strings.Join(answer[2:], " "), b.keys()+"-", "")
		if first[bare] != "" {
			t.Logf("with other keys, it answers %s, too", first[bare])
		}
		first[bare] = b.mistake.Name
	}
	teaching, err := os.ReadFile(filepath.Join(root(t), "TEACHING.md"))
	require.NoError(t, err)
	text := strings.Join(strings.Fields(string(teaching)), " ")
	require.Contains(t, text,
		fmt.Sprintf("for the %d mistakes are %d different ones", len(list), len(first)))
}

var word = regexp.MustCompile(`'[^']*'|\S+`)

// typed returns the arguments of the command in what was said.
func typed(t *testing.T, said string) (args []string) {
	t.Helper()
	const begin = "go run . challenge "
	for line := range strings.Lines(said) {
		if command, ok := strings.CutPrefix(line, begin); ok {
			for _, w := range word.FindAllString(command, -1) {
				args = append(args, strings.Trim(w, "'"))
			}
			return args
		}
	}
	require.Fail(t, "no command", said)
	return nil
}
