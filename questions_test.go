package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// question is a part of QUESTIONS.md: a question in two languages, and a command.
type question struct{ text, command string }

var commandOf = regexp.MustCompile("(?m)^```sh\n(.*)\n```$")

func questions(t *testing.T) (list []question) {
	t.Helper()
	page, err := os.ReadFile("QUESTIONS.md")
	require.NoError(t, err)
	for _, text := range strings.Split(string(page), "\n**")[1:] {
		command := commandOf.FindStringSubmatch(text)
		require.NotNil(t, command, "no command of one line shows: **%s", text)
		list = append(list, question{text, command[1]})
	}
	return list
}

func TestEachQuestionIsAskedInTwoLanguagesAndHasACommand(t *testing.T) {
	list := questions(t)
	require.GreaterOrEqual(t, len(list), 40)
	for _, q := range list {
		require.Regexp(t, `\p{Han}`, q.text, "no Chinese: %s", q.text)
		require.Regexp(t, `[a-z]{3}`, q.text, "no English: %s", q.text)
	}
}

// named finds what a command names in its chapter.
var named = regexp.MustCompile(`go run \./(\S+)(?:.*) -(experiment|mistake|scenario) (\S+)`)

func TestEachQuestionsCommandNamesWhatThereIs(t *testing.T) {
	for _, q := range questions(t) {
		requireNamed(t, q.command)
	}
}

// requireNamed requires that there is the mistake, the scenario or the experiment that a
// command names.
func requireNamed(t *testing.T, command string) {
	t.Helper()
	found := named.FindStringSubmatch(command)
	if found == nil {
		return
	}
	folder, what, name := found[1], found[2], found[3]
	if what == "mistake" {
		require.FileExists(t, filepath.Join(folder, "mistakes", name+".patch"), command)
		return
	}
	main, err := os.ReadFile(filepath.Join(folder, "main.go"))
	require.NoError(t, err)
	places := string(main)
	if what == "scenario" {
		places += source(t, "lab/shop")
	}
	require.True(t, strings.Contains(places, `"`+name+`"`), command)
}

// TestEveryCommandOfTheQuestionsRuns is part of .ci/long: it takes a quarter of an hour.
func TestEveryCommandOfTheQuestionsRuns(t *testing.T) {
	if os.Getenv("QUESTIONS") == "" {
		t.Skip("QUESTIONS=1 runs each command, as .ci/long does")
	}
	for _, q := range questions(t) {
		said, err := exec.CommandContext(t.Context(), "bash", "-c", q.command).CombinedOutput()
		assert.NoError(t, err, "%s\n%s", q.command, said) // the others run, too
		t.Logf("$ %s\n%s", q.command, said)
	}
}

// source returns the text of a package.
func source(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}
