package page_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/course/page"
)

// built makes the program of "go run .".
func built(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "course")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = course
	said, err := build.CombinedOutput()
	require.NoError(t, err, string(said))
	return program
}

// run starts the program in the toy's folder, and returns its address. What is
// killed leaves its temporary files, so they have a place of their own.
func run(t *testing.T, program, temp string, args ...string) (server *exec.Cmd, url string) {
	t.Helper()
	server = exec.CommandContext(t.Context(), program, append([]string{"-no-open"}, args...)...)
	server.Dir, server.Env = toy, append(os.Environ(), "TMPDIR="+temp, "TMP="+temp, "TEMP="+temp)
	out, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan(), "it says where it is")
	go func() { _, _ = io.Copy(io.Discard, out) }()
	_, url, _ = strings.Cut(lines.Text(), " at ")
	return server, url
}

// gone waits until a file is there no more.
func gone(t *testing.T, file string) {
	t.Helper()
	removed := func() bool { _, err := os.Stat(file); return os.IsNotExist(err) }
	require.Eventually(t, removed, bound, 10*time.Millisecond, "%s is still there", file)
}

func TestAServerThatIsKilledTakesItsChaptersWithItAndThePageSaysSo(t *testing.T) {
	file, program := alive(t), built(t)
	server, url := run(t, program, t.TempDir())
	tab := chromium(t)
	stage(t, tab, url+"ch01-toy/")
	do(t, tab, click(play), until(done(1)))
	require.FileExists(t, file)
	require.NoError(t, server.Process.Kill())
	gone(t, file)
	const said = `document.querySelector("[data-show=said]").textContent`
	do(t, tab, until(said+`.includes("does not answer")`))
	require.Len(t, eval[[]string](t, tab, events), 5, "what was shown stays")

	_, port, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(url, "/"), "http://"), ":")
	run(t, program, t.TempDir(), "-port", port)
	do(t, tab, until(now("failed")), click("[data-part=failed] [data-do=start]"),
		until(now("stage")))
}

func TestCtrlCEndsTheServerAndItsChapters(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a program cannot send Ctrl-C to another one here")
	}
	file, temp := alive(t), t.TempDir()
	server, url := run(t, built(t), temp)
	answer, err := http.Post(url+"-/live/ch01-toy", "application/json", nil)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	there := func() bool { _, err := os.Stat(file); return err == nil }
	require.Eventually(t, there, bound, 10*time.Millisecond)
	require.NoError(t, server.Process.Signal(os.Interrupt))
	require.NoError(t, server.Wait())
	require.NoFileExists(t, file)
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestTheCommandLineIsCheckedAndReplaysAFile(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	say := func(args ...string) (int, string) {
		var out, wrong bytes.Buffer
		code := page.Main(ctx, args, &out, &wrong)
		return code, out.String() + wrong.String()
	}
	for args, want := range map[string]string{
		"dance":       `do not know what to do with "dance"`,
		"-colour red": "colour",
		"replay":      "replay wants one file",
		"replay a b":  "replay wants one file",
		"-port nine":  "nine",
	} {
		code, said := say(strings.Fields(args)...)
		require.Equal(t, 2, code, args)
		require.Contains(t, said, want)
	}
	code, said := say("-no-open", "replay", "nowhere.jsonl")
	require.Equal(t, 1, code)
	require.Contains(t, said, "nowhere.jsonl")
	code, said = say("-help")
	require.Equal(t, 0, code)
	require.Contains(t, said, "replay FILE")
}

func TestAFileOnTheCommandLineIsShownFirst(t *testing.T) {
	file, err := filepath.Abs(filepath.Join(toy, "ch01-toy", "run.jsonl"))
	require.NoError(t, err)
	_, url := run(t, built(t), t.TempDir(), "replay", file)
	require.True(t, strings.HasSuffix(url, "/-/replay"), url)
	tab := chromium(t)
	visit(t, tab, url)
	do(t, tab, until(nowText+`.startsWith("1 of 5")`))
}

func TestTheFirstChapterIsBuiltWhileTheReaderReads(t *testing.T) {
	folder := filepath.Join(toy, ".course")
	require.NoError(t, os.RemoveAll(folder))
	_, url := run(t, built(t), t.TempDir())
	answer, err := http.Get(url)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	program := func() bool {
		_, err := os.Stat(filepath.Join(folder, "bin", "ch01-toy"))
		return err == nil
	}
	require.Eventually(t, program, bound, 10*time.Millisecond)
}

func TestPortThatIsTakenSaysWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	require.NoError(t, err)
	var out, wrong bytes.Buffer
	require.Equal(t, 1, page.Main(t.Context(), []string{"-no-open", "-port", port}, &out, &wrong))
	require.Contains(t, wrong.String(), "without -port, the course takes one that is free\n")
	require.Equal(t, 1, strings.Count(wrong.String(), "\n"))
	require.Empty(t, out.String())
}
