package page_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"example.com/dtx/course/study"
)

const (
	exercise = "/ch01-toy/exercise/"
	tests    = "/-/exercises/ch01-toy/run"
	wrong    = "package exercise\n\nfunc answer() int { return 41 + 2 }\n"
	right    = "package exercise\n\nfunc answer() int { return 6 * 7 }\n"
)

// student is a copy of the toy, to write in.
func student(t *testing.T) (folder string) {
	t.Helper()
	t.Setenv(study.GradeVariable, "")
	folder = t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(toy)))
	return folder
}

// writes replaces what the student has written, in one go.
func writes(t *testing.T, folder, program string) {
	t.Helper()
	file := filepath.Join(folder, "ch01-toy", "exercise", "answer.go")
	require.NoError(t, os.WriteFile(file+".new", []byte(program), 0o600))
	require.NoError(t, os.Rename(file+".new", file))
}

// begins begins the toy's exercise from its page.
func begins(t *testing.T, server *httptest.Server) {
	t.Helper()
	answer, err := http.Post(server.URL+"/-/exercises/ch01-toy/begin", "application/json", nil)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusNoContent, answer.StatusCode)
}

// result is what a tab was told last, up to the result of a run.
func (b *tab) result() string {
	list := b.until("graded")
	return list[len(list)-1].data
}

func TestAnExercisesPageSaysWhatToWriteAndWhere(t *testing.T) {
	t.Setenv(study.GradeVariable, "")
	body := get(t, exercise).Body.String()
	require.Contains(t, body, "Package exercise asks for a number.")
	const place = `<a href="/ch01-toy/exercise/answer.go">ch01-toy/exercise/answer.go:4</a>`
	require.Contains(t, body, place)
	require.Contains(t, body, "go run . start 1")
	require.Regexp(t, `href="vscode://file/.*/ch01-toy/exercise/answer.go:4"`, body)
	require.Contains(t, body, `href="answer.go"`)
	require.NotContains(t, body, `href="exercise_test.go"`, "its table may hold the answers")
	require.NotContains(t, body, `href="testdata/"`, "the solution is there")
	require.Contains(t, get(t, "/").Body.String(), `href="`+exercise+`"`)
	require.Contains(t, get(t, "/ch01-toy/").Body.String(), `href="`+exercise+`"`)
}

func TestAnExerciseIsGradedOnceItIsBegun(t *testing.T) {
	folder := student(t)
	server := serve(t, opened(t, folder))
	require.Contains(t, starts(t, server, tests).result(), `"state":"not begun"`)
	begins(t, server)
	p, err := study.ReadProgress(folder)
	require.NoError(t, err)
	require.Equal(t, []string{"toy"}, p.Begun, "as go run . start 1 would have it")

	said := starts(t, server, tests).result()
	require.Contains(t, said, `"state":"begun","steps":[{"name":"1 it is there","passed":true},`+
		`{"name":"2 it is right","passed":false`)
	require.Contains(t, said, `"said":"found    another\n\nhint     What is the answer?",`+
		`"picture":"step-2.svg"`)
	require.Contains(t, said, `"places":[{"name":"ch01-toy/exercise/answer.go:4"`)

	writes(t, folder, "package exercise\n\nfunc answer() int { return }\n")
	require.Contains(t, starts(t, server, tests).result(),
		"answer.go:3:21: not enough return values")
	writes(t, folder, right)
	b := starts(t, server, tests)
	require.Contains(t, b.result(), `"state":"done"`)
	b.until("ended")
}

func TestAWatchedExerciseIsTestedWheneverAFileChanges(t *testing.T) {
	folder := student(t)
	server := serve(t, opened(t, folder))
	begins(t, server)
	b := starts(t, server, tests+"?watch=yes")
	require.Contains(t, b.result(), `"state":"begun"`)
	writes(t, folder, right)
	require.Contains(t, b.result(), `"state":"done"`)
	require.NoError(t, b.stream.Close())
	b.listen("")
	require.Contains(t, b.result(), `"state":"done"`,
		"a page that is loaded again is told the last result only")
}

func TestAnExercisesTestsEndWithTheTabAndWithTheServer(t *testing.T) {
	folder := student(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	require.NoError(t, listener.(*net.TCPListener).SetDeadline(time.Now().Add(bound)))
	t.Setenv("TOY_DIAL", listener.Addr().String())
	for name, end := range map[string]func(b *tab, stop func()){
		"the tab has gone":     func(b *tab, _ func()) { require.NoError(t, b.stream.Close()) },
		"the server has ended": func(_ *tab, stop func()) { stop() },
	} {
		ctx, stop := context.WithCancel(t.Context())
		site := openedUntil(t, ctx, folder)
		site.SetAbsence(0)
		server := serve(t, site)
		begins(t, server)
		b := starts(t, server, tests)
		test, err := listener.Accept()
		require.NoError(t, err)
		end(b, stop)
		require.NoError(t, test.SetReadDeadline(time.Now().Add(bound)))
		_, err = test.Read(make([]byte, 1))
		require.Error(t, err)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "%s, and its test goes on", name)
		require.NoError(t, test.Close())
		stop()
		site.Wait()
	}
}

func TestAPlaceOpensInTheEditorOfTheReader(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	link := func() string {
		const shown = `(({ href, textContent }) => textContent + " " + href)`
		return eval[string](t, tab, shown+`(document.querySelector("a.editor"))`)
	}
	choose := func(value string) {
		const change = `choice.dispatchEvent(new Event("change"))`
		const choice = `const choice = document.querySelector("[data-do=editor]")`
		do(t, tab, js(fmt.Sprintf("{ %s; choice.value = %q; %s }", choice, value, change)))
	}
	visit(t, tab, server.URL+exercise)
	choose("zed")
	require.Regexp(t, `^Open in Zed zed://file/.*/answer.go:4$`, link())
	visit(t, tab, server.URL+exercise)
	require.Regexp(t, `^Open in Zed zed://file/`, link(), "the page remembers it")

	choose("copy")
	do(t, tab, js(`window.copied = ""; navigator.clipboard.writeText = async (text) => {
		window.copied = text; }`), click("a.editor"), until(`window.copied !== ""`))
	require.Regexp(t, `^/.*/ch01-toy/exercise/answer.go:4$`, eval[string](t, tab, "window.copied"))
}

func TestOnlyAnExerciseThatIsThereIsBegunOrRun(t *testing.T) {
	for _, target := range []string{"/-/exercises/nowhere/run", "/-/exercises/nowhere/begin"} {
		require.Equal(t, http.StatusNotFound, ask(t, "POST", target, nil).Code, target)
	}
	w := ask(t, "POST", tests, func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	})
	require.Equal(t, http.StatusForbidden, w.Code, "another site's page runs nothing")
}

func TestAStudentBeginsRunsAndWatchesByKeyboard(t *testing.T) {
	folder := student(t)
	server := serve(t, opened(t, folder))
	tab := chromium(t)
	said := func(words string) string {
		return `document.querySelector("[data-show=said]").textContent === "` + words + `"`
	}
	do(t, tab, look(360, "light"))
	visit(t, tab, server.URL+exercise)
	tabTo(t, tab, "[data-do=begin]")
	do(t, tab, press(kb.Enter), until(`document.activeElement.matches("[data-do=run]")`))
	do(t, tab, press(kb.Enter), until(said("1 of 2 steps pass.")))
	found := eval[string](t, tab, `document.querySelector(".steps .failed pre").textContent`)
	const words = "found    another\n\nhint     What is the answer?"
	require.Equal(t, words, found, "the run is drawn below, and not in text, too")
	do(t, tab, js(`document.querySelector(".steps .figure img").decode()`))

	tabTo(t, tab, "[data-do=watch]")
	do(t, tab, press(" "), until(said("1 of 2 steps pass. Waiting for a change.")))
	writes(t, folder, right)
	do(t, tab, until(said("All 2 steps pass. Waiting for a change.")))
	require.Equal(t, 2, eval[int](t, tab, `document.querySelectorAll(".steps .passed").length`))
	places := eval[string](t, tab, `document.querySelector(".places").textContent`)
	require.Equal(t, "nothing: every function has a body", places)
	writes(t, folder, "package exercise\n\nfunc answer() int { return }\n")
	const failed = `document.querySelector("[data-show=failure]").checkVisibility()`
	do(t, tab, until(said("The tests could not run. Waiting for a change.")), until(failed))
	writes(t, folder, wrong)
	do(t, tab, until(said("1 of 2 steps pass. Waiting for a change.")), until("!"+failed))
	do(t, tab, press(" "), until(said("Stopped.")))
	forEverybody(t, tab, "exercise-failed")
}
