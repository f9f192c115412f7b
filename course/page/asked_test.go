package page_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

func TestTheHomePageHasTheQuestionsInBothLanguages(t *testing.T) {
	for _, address := range []string{"/", "/-/zh"} {
		body := get(t, address).Body.String()
		require.Contains(t, body, "<strong>Was it done?</strong> 到底执行了没有？", address)
		require.Contains(t, body, `<a href="/ch01-toy/README.md">The lesson</a>`, address)
		require.Contains(t, body, `<a href="https://example.com/">the web</a>`, address)
		require.NotContains(t, body, "Two shops", "a heading is no answer")
	}
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(toy)))
	require.NoError(t, os.Remove(filepath.Join(folder, "QUESTIONS.md")))
	server := serve(t, opened(t, folder))
	tab := chromium(t)
	visit(t, tab, server.URL)
	require.False(t, eval[bool](t, tab, `!!document.getElementById("questions")`))
}

// count is how many questions were found, in words.
const count = `document.querySelector("#questions output").textContent`

// shown are the questions that are seen.
const shown = `[...document.querySelectorAll("#questions li")].filter((li) => li.checkVisibility())
	.map((li) => li.querySelector("strong").textContent)`

func TestAReaderSearchesTheQuestionsByKeyboard(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	visit(t, tab, server.URL)
	require.Empty(t, eval[[]string](t, tab, shown), "before anything is typed")
	reached := false
	for range 40 {
		do(t, tab, chromedp.KeyEvent(kb.Tab))
		if reached = eval[bool](t, tab, `document.activeElement.id === "words"`); reached {
			break
		}
	}
	require.True(t, reached, "Tab comes to the box")
	label := eval[string](t, tab, `document.activeElement.labels[0].textContent`)
	require.Equal(t, "Words of your question", label)
	for _, row := range []struct {
		typed, count string
		found        []string
	}{
		{"done", "2 of 2 questions", []string{"Was it done?", "Is it done twice?"}},
		{"  TWICE Done ", "1 of 2 questions", []string{"Is it done twice?"}},
		{"l?", "0 of 2 questions", nil}, // these keys do other things elsewhere
		{"执行", "1 of 2 questions", []string{"Was it done?"}},
		{"see it happen", "0 of 2 questions", nil}, // a button that is hidden here
		{"<b>", "0 of 2 questions", nil},
		{" ", "", nil},
	} {
		do(t, tab, js(`document.activeElement.select()`), chromedp.KeyEvent(kb.Backspace),
			chromedp.KeyEvent(row.typed))
		require.Equal(t, row.count, eval[string](t, tab, count), row.typed)
		require.ElementsMatch(t, row.found, eval[[]string](t, tab, shown), row.typed)
	}
	do(t, tab, chromedp.KeyEvent("done"), js(`document.getElementById("ask").scrollIntoView()`))
	forEverybody(t, tab, "home-question")
	do(t, tab, chromedp.KeyEvent(kb.Escape))
	require.Empty(t, eval[string](t, tab, `document.activeElement.value`), "Escape empties the box")
	require.Empty(t, eval[string](t, tab, count))
}
