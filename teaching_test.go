package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/dtx/course/study"
	"example.com/dtx/lab/readme"
)

const teaching = "TEACHING.md"

// fold is where a lesson folds the answer to a question away.
var fold = regexp.MustCompile(`<details><summary>`)

// questioned matches a lesson's emphasis with a question in it, and keeps the last question.
var questioned = regexp.MustCompile(`(?:^|[ (])\*(?:[^* ][^*]*[.?!] )?([^.?!* ][^.?!*]*\?)[^*?]*\*`)

// unmarked takes the marks of code and the line's ends out of a text, and joins what is
// emphasized before and after code.
func unmarked(text string) string {
	text = regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(text, "")
	text = regexp.MustCompile("\\* ?`([^`]*)` ?\\*").ReplaceAllString(text, " $1 ")
	text = strings.NewReplacer("`", "", "**", "").Replace(text)
	text = strings.Join(strings.Fields(text), " ")
	return strings.ReplaceAll(text, " ?", "?")
}

// predicted returns the Predict questions of a lesson: to each fold, the last question
// before it.
func predicted(t *testing.T, lesson string) (questions []string) {
	t.Helper()
	parts := fold.Split(lesson, -1)
	for i, part := range parts[:len(parts)-1] {
		if i > 0 {
			_, part, _ = strings.Cut(part, "</details>")
		}
		found := questioned.FindAllStringSubmatch(unmarked(part), -1)
		if len(found) == 0 {
			continue // the fold answers nothing that was asked
		}
		questions = append(questions, strings.TrimSpace(found[len(found)-1][1]))
	}
	return questions
}

// lessons returns the lessons with their texts.
func lessons(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("ch*/README.md")
	require.NoError(t, err)
	all := map[string]string{}
	for _, file := range append(files, "WHICH-PROTOCOL.md") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all[file] = string(text)
	}
	return all
}

func TestEveryPredictQuestionHasAnExpectedAnswer(t *testing.T) {
	text, err := os.ReadFile(teaching)
	require.NoError(t, err)
	_, answers, _ := strings.Cut(string(text), "\n## The expected answers\n")
	answers, _, _ = strings.Cut(answers, "\n## ")
	chapters := regexp.MustCompile(`(?m)^### `).Split(answers, -1)
	for file, lesson := range lessons(t) {
		title := "Which protocol?"
		if strings.HasPrefix(file, "ch") {
			title = "Chapter " + strings.TrimLeft(file[2:4], "0")
		}
		questions := predicted(t, lesson)
		for _, chapter := range chapters {
			if !strings.HasPrefix(chapter, title+"\n") {
				continue
			}
			for _, q := range questions {
				assert.Contains(t, unmarked(chapter), q, "no answer to a question of %s", file)
			}
			questions = nil
		}
		require.Empty(t, questions,
			`%s has no part "### %s", with a row for each question of %s`,
			teaching, title, file)
	}
}

func TestTeachingSaysHowLongThingsTake(t *testing.T) {
	readme.Check(t, ".", teaching, readme.Config{
		Generated: map[string]string{"minutes": minutes(t)},
	})
}

// The factors of the table.
const (
	wordsAMinute = 100
	aQuestion    = 6 // minutes
	aCommand     = 4
	aLine        = 4
)

// minutes makes the table of what each chapter takes.
func minutes(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprint(&b, "| chapter | reading | Predict | other commands | exercise | minutes in all |\n"+
		"|---|---|---|---|---|---|\n")
	list, err := study.List(".")
	require.NoError(t, err)
	files, err := filepath.Glob("ch*/README.md")
	require.NoError(t, err)
	texts := lessons(t)
	for _, file := range append(files, "WHICH-PROTOCOL.md") {
		lesson := texts[file]
		read := len(strings.Fields(prose(lesson)))/wordsAMinute/5*5 + 5 // a typo changes nothing
		folds := len(fold.FindAllString(lesson, -1))
		commands := max(0, strings.Count(lesson, "\ngo run ./ch")-folds) * aCommand
		lines := 0
		for _, e := range list {
			if strings.HasPrefix(file, filepath.Dir(e.Folder)+"/") {
				lines = written(t, e)
			}
		}
		name := strings.TrimSuffix(filepath.Dir(file)+"/", "./")
		if name == "" {
			name = file
		}
		predict, exercise := folds*aQuestion, lines*aLine
		fmt.Fprintf(&b, "| %s | %d | %d × %d | %d | %d × %d | %d |\n",
			strings.Trim(name, "/"), read, folds, aQuestion, commands, lines, aLine,
			read+predict+commands+exercise)
	}
	return b.String()
}

// prose is a lesson without its code, tables and comments.
func prose(lesson string) string {
	return regexp.MustCompile("(?ms)^```.*?^```$|^\\|.*?$|<!--.*?-->").ReplaceAllString(lesson, "")
}

// written counts the lines of an exercise's solution that are not in what was given.
func written(t *testing.T, e study.Exercise) (lines int) {
	t.Helper()
	start, err := study.Texts(e.Start())
	require.NoError(t, err)
	solution, err := study.Texts(e.Solution())
	require.NoError(t, err)
	for name, text := range solution {
		for line := range strings.Lines(text) {
			code := strings.TrimSpace(line)
			isNew := !strings.Contains(start[name], line)
			if isNew && code != "" && code != "}" && !strings.HasPrefix(code, "//") {
				lines++
			}
		}
	}
	return lines
}

// typedIn returns the commands of a page.
func typedIn(t *testing.T, page string) (list []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	for _, block := range commands.FindAllStringSubmatch(string(text), -1) {
		list = append(list, block[1])
	}
	require.NotEmpty(t, list)
	return list
}

func TestTeachingNamesWhatThereIs(t *testing.T) {
	for _, command := range typedIn(t, teaching) {
		requireNamed(t, command)
	}
}

// TestEveryCommandOfTeachingRuns is part of .ci/long: it takes some minutes.
func TestEveryCommandOfTeachingRuns(t *testing.T) {
	if os.Getenv("TEACHING") == "" {
		t.Skip("TEACHING=1 runs each command, as .ci/long does")
	}
	t.Setenv("TMPDIR", t.TempDir())
	for _, command := range typedIn(t, teaching) {
		run := exec.CommandContext(t.Context(), "bash", "-euc", command)
		said, err := run.CombinedOutput()
		require.NoError(t, err, "%s\n%s", command, said)
		t.Logf("$ %s\n%s", command, said)
	}
}
