package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// quizQuestion matches a question of QUIZ.md and the beginning of its answer.
var quizQuestion = regexp.MustCompile(`(?m)^(\d+)\. \*\*[^*]+\?\*\*\n +\S`)

// requireTenQuestions looks for the ten questions of a chapter, in their order.
func requireTenQuestions(t *testing.T, quiz, chapter string) {
	t.Helper()
	_, part, found := strings.Cut(quiz, "\n## Chapter "+chapter+"\n")
	require.True(t, found, "QUIZ.md has no part \"## Chapter %s\" with ten questions: "+
		"\"1. **…?**\", and the answer in the next line", chapter)
	part, _, _ = strings.Cut(part, "\n## ")
	var numbers []string
	for _, question := range quizQuestion.FindAllStringSubmatch(part, -1) {
		numbers = append(numbers, question[1])
	}
	require.Equal(t, strings.Fields("1 2 3 4 5 6 7 8 9 10"), numbers,
		"the questions of chapter %s that have an answer", chapter)
}

// TestTheQuizHasTenQuestionsForEachLesson takes for a lesson each chapter's README that ends
// with further reading.
func TestTheQuizHasTenQuestionsForEachLesson(t *testing.T) {
	quiz, err := os.ReadFile("QUIZ.md")
	require.NoError(t, err)
	pages, err := filepath.Glob("ch[0-9][0-9]-*/README.md")
	require.NoError(t, err)
	lessons := 0
	for _, name := range pages {
		page, err := os.ReadFile(name)
		require.NoError(t, err)
		isLesson := strings.Contains(string(page), "\n## Further reading\n")
		if !isLesson {
			continue
		}
		var chapter int
		_, err = fmt.Sscanf(name, "ch%d-", &chapter)
		require.NoError(t, err)
		requireTenQuestions(t, string(quiz), fmt.Sprint(chapter))
		lessons++
	}
	require.GreaterOrEqual(t, lessons, 8)
}
