package page_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/course/page"
)

// said is what a job says.
type said struct{ id, name, data string }

// tab is a browser's tab without a browser.
type tab struct {
	t      *testing.T
	server *httptest.Server
	job    string
	stream io.Closer
	lines  *bufio.Scanner
}

// serve serves a site to tabs.
func serve(t *testing.T, s *page.Site) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return server
}

// starts starts a job, and listens to it.
func starts(t *testing.T, server *httptest.Server, what string) *tab {
	t.Helper()
	answer, err := http.Post(server.URL+what, "application/json", nil)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusCreated, answer.StatusCode)
	var started struct{ ID string }
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&started))
	b := &tab{t: t, server: server, job: started.ID}
	b.listen("")
	return b
}

// listen opens the stream, from after an entry.
func (b *tab) listen(last string) {
	b.t.Helper()
	url := b.server.URL + "/-/jobs/" + b.job + "/events"
	r, err := http.NewRequestWithContext(b.t.Context(), "GET", url, nil)
	require.NoError(b.t, err)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(b.t, err)
	require.Equal(b.t, http.StatusOK, answer.StatusCode)
	b.stream, b.lines = answer.Body, bufio.NewScanner(answer.Body)
	b.lines.Buffer(nil, 1<<20)
	b.t.Cleanup(func() { _ = answer.Body.Close() })
}

// next reads one entry; nothing at the end of the stream.
func (b *tab) next() (s said) {
	for b.lines.Scan() {
		name, value, _ := strings.Cut(b.lines.Text(), ": ")
		switch name {
		case "id":
			s.id = value
		case "event":
			s.name = value
		case "data":
			s.data = value
		case "":
			return s
		}
	}
	return said{}
}

// until reads up to an entry of that name. The context of the test bounds it.
func (b *tab) until(name string) (list []said) {
	b.t.Helper()
	for {
		s := b.next()
		require.NotEmpty(b.t, s.name, "the stream ended before %q; it said %v", name, list)
		list = append(list, s)
		if s.name == name {
			return list
		}
	}
}

func (b *tab) command(body string) int {
	b.t.Helper()
	url := b.server.URL + "/-/jobs/" + b.job + "/commands"
	answer, err := http.Post(url, "application/json", strings.NewReader(body))
	require.NoError(b.t, err)
	require.NoError(b.t, answer.Body.Close())
	return answer.StatusCode
}

func names(list []said) (names []string) {
	for _, s := range list {
		names = append(names, s.name)
	}
	return names
}

func TestALiveChapterIsBuiltStartedAndPlayed(t *testing.T) {
	b := starts(t, serve(t, opened(t, toy)), "/-/live/ch01-toy")
	require.Contains(t, b.until("hello")[0].name, "building")
	require.Equal(t, http.StatusAccepted, b.command(`{"do":"play","scenario":"success"}`))
	list := b.until("reply")
	require.Equal(t, 5, strings.Count(strings.Join(names(list), " "), "step"))
	require.Contains(t, list[len(list)-1].data, `"do":"play"`, "a reply carries its command")
	require.Equal(t, http.StatusBadRequest, b.command(`{"do":"play","colour":"red"}`))
	require.Equal(t, http.StatusBadRequest, b.command(`play`))
}

func TestATabThatLostTheConnectionMissesNothingAndSeesNothingTwice(t *testing.T) {
	b := starts(t, serve(t, opened(t, toy)), "/-/live/ch01-toy")
	b.until("hello")
	b.command(`{"do":"play","scenario":"success"}`)
	whole := b.until("reply")
	require.NoError(t, b.stream.Close())
	for i, s := range whole[:len(whole)-1] {
		b.listen(s.id)
		require.Equal(t, whole[i+1:], b.until("reply"), "after %s", s.id)
		require.NoError(t, b.stream.Close())
	}
	b.listen("") // a page that is loaded again
	again := b.until("reply")
	require.Equal(t, "hello", again[0].name)
	require.Equal(t, whole, again[1:])
}

func TestAResetForgetsTheRunAndKeepsTheNumbers(t *testing.T) {
	b := starts(t, serve(t, opened(t, toy)), "/-/live/ch01-toy")
	b.until("hello")
	b.command(`{"do":"play","scenario":"success"}`)
	last := b.until("reply")
	b.command(`{"do":"reset"}`)
	b.until("hello")
	b.until("reply")
	require.NoError(t, b.stream.Close())
	b.listen(last[0].id)
	require.Equal(t, "hello", b.next().name, "what came before the reset is forgotten")
}

func TestAChapterThatDoesNotCompileShowsTheCompilersMessage(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(toy)))
	broken := filepath.Join(folder, "ch01-toy", "broken.go")
	const program = "package main\n\nvar x int = \"seven\"\n"
	require.NoError(t, os.WriteFile(broken, []byte(program), 0o600))
	list := starts(t, serve(t, opened(t, folder)), "/-/live/ch01-toy").until("failed")
	require.Contains(t, list[len(list)-1].data, "broken.go:3")
}

func TestAChapterThatDiesSaysSo(t *testing.T) {
	b := starts(t, serve(t, opened(t, toy)), "/-/live/ch01-toy")
	b.until("hello")
	b.command(`{"do":"crash","service":"order"}`)
	list := b.until("failed")
	require.Contains(t, list[len(list)-1].data, "exit status 3")
	b.until("ended")
}

// alive has the toy leave a file that is there as long as its process is.
func alive(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "alive")
	t.Setenv("TOY_ALIVE", file)
	return file
}

func TestEndingASessionEndsItsProcessAndLeavesNoFile(t *testing.T) {
	file, temp := alive(t), t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, temp)
	}
	site := opened(t, toy)
	b := starts(t, serve(t, site), "/-/live/ch01-toy")
	b.until("hello")
	require.FileExists(t, file)
	r, err := http.NewRequestWithContext(t.Context(), "DELETE", b.server.URL+"/-/jobs/"+b.job, nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, answer.StatusCode)
	site.Wait()
	require.NoFileExists(t, file)
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestASessionThatNobodyLooksAtEnds(t *testing.T) {
	file := alive(t)
	site := opened(t, toy)
	site.SetAbsence(0)
	b := starts(t, serve(t, site), "/-/live/ch01-toy")
	b.until("hello")
	require.FileExists(t, file)
	require.NoError(t, b.stream.Close())
	gone(t, file)
}

func TestTheServersEndEndsEverySessionAndEveryStream(t *testing.T) {
	file := alive(t)
	root, err := os.OpenRoot(toy)
	require.NoError(t, err)
	defer root.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	site, err := page.NewSite(ctx, root)
	require.NoError(t, err)
	b := starts(t, serve(t, site), "/-/live/ch01-toy")
	b.until("hello")
	stop()
	site.Wait()
	require.NoFileExists(t, file)
	for b.next().name != "" {
	}
}

func TestNoMoreThanFourSessionsRunAtATime(t *testing.T) {
	server := serve(t, opened(t, toy))
	for range 4 {
		starts(t, server, "/-/live/ch01-toy")
	}
	answer, err := http.Post(server.URL+"/-/live/ch01-toy", "application/json", nil)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusServiceUnavailable, answer.StatusCode)
}

func TestAMistakesShortestRunIsToldAsStepsAfterItsStory(t *testing.T) {
	server := serve(t, opened(t, toy))
	list := starts(t, server, "/-/mistakes/ch01-toy/always-yes").until("ended")
	require.Subset(t, names(list), []string{"building", "said", "found"})
	for _, s := range list {
		if s.name == "said" {
			require.Contains(t, s.data, "The shortest run that breaks")
		}
	}
	for _, wrong := range []string{
		"/-/mistakes/ch01-toy/nothing", "/-/mistakes/nowhere/always-yes", "/-/live/nowhere",
	} {
		answer, err := http.Post(server.URL+wrong, "application/json", nil)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusNotFound, answer.StatusCode, wrong)
	}
}

func TestARealMistakesShortestRunIsToldAsSteps(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: the chapter's tests are built anew")
	}
	list := starts(t, serve(t, whole(t)), "/-/mistakes/ch04-saga/no-deduplication").until("ended")
	var text strings.Builder
	for _, s := range list {
		text.WriteString(s.name + s.data)
	}
	require.Contains(t, text.String(), "The shortest run that breaks")
	require.Contains(t, text.String(), `found{"frame"`)
	require.Contains(t, text.String(), "delivered twice")
	require.NotContains(t, text.String(), "diff --git", "the page has the patch already")
}
