package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/check/trace"
	"example.com/dtx/lab/source"
)

// roleVariable makes this test's program a participant.
const roleVariable = "CHECK_ROLE"

func TestMain(m *testing.M) {
	trace.Child()
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(pretend(role))
	}
	os.Exit(m.Run())
}

// pretend is a program that is no participant.
func pretend(role string) int {
	if role == "exits" {
		fmt.Println("I have nothing to say")
		return 3
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		return 1
	}
	for role == "is silent" {
		time.Sleep(time.Hour)
	}
	serve := func(w http.ResponseWriter, r *http.Request) {
		fmt.Print(strings.Repeat("a word, ", 1<<17))
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"accounts":[{"name":"tea","amount":9}],"steps":[]}`)
	}
	if http.Serve(listener, http.HandlerFunc(serve)) != nil {
		return 1
	}
	return 0
}

// checked checks a program for a protocol, and returns the exit code and all that was said.
func checked(ctx context.Context, t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	var out bytes.Buffer
	code = check(ctx, args, &out, &out)
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	require.Empty(t, left, "a folder is left behind")
	return code, out.String()
}

func TestWhatIsNoParticipantIsToldSo(t *testing.T) {
	me, err := os.Executable()
	require.NoError(t, err)
	for role, want := range map[string]struct {
		code int
		says string
	}{
		"exits":        {noVerdict, "it ended before it was ready: exit status 3\n\nit has"},
		"talks":        {wrong, "GET /ledger says: tea: 9\nright is:         salt: 100, tea: 10"},
		"is not there": {noVerdict, "no such file"},
	} {
		t.Run(role, func(t *testing.T) {
			t.Setenv(roleVariable, role)
			program := me
			if role == "is not there" {
				program += role
			}
			code, said := checked(t.Context(), t, "saga", "--", program)
			require.Equal(t, want.code, code, said)
			require.Contains(t, said, want.says)
			require.Less(t, len(said), 10_000, "what it has written is not all printed")
		})
	}
}

func TestCtrlCEndsTheProgram(t *testing.T) {
	me, err := os.Executable()
	require.NoError(t, err)
	t.Setenv(roleVariable, "is silent")
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	code, said := checked(ctx, t, "saga", "--", me)
	require.Equal(t, noVerdict, code)
	require.Contains(t, said, "stopped: no verdict")
}

func TestWhatIsNotUnderstoodIsNoVerdict(t *testing.T) {
	for says, args := range map[string][]string{
		"check which program?":    {"-all"},
		"not defined: -power-cut": {"-power-cut", "--", "true"},
		"there is no run \"x\"":   {"-run", "x", "--", "true"},
		"there is no run \"y\"":   {"-from", "y", "--", "true"},
		"-times is 1 or more":     {"-times", "0", "--", "true"},
	} {
		code, said := checked(t.Context(), t, append([]string{"saga"}, args...)...)
		require.Equal(t, noVerdict, code, said)
		require.Contains(t, said, says)
	}
}

func TestEachRunHasAName(t *testing.T) {
	for _, p := range protocols() {
		code, said := checked(t.Context(), t, p.name, "-list")
		require.Zero(t, code)
		names := map[string]bool{}
		for name := range strings.Lines(said) {
			require.False(t, names[name], "two runs are called %s", name)
			require.NotContains(t, name, "'", "a name stands in quotes in a command")
			names[name] = true
		}
		messages, kills := p.runs()
		require.Len(t, names, len(messages)+len(kills))
	}
}

func TestAProtocolHasToBeNamed(t *testing.T) {
	for _, args := range [][]string{{}, {"3pc", "--", "true"}} {
		code, said := checked(t.Context(), t, args...)
		require.Equal(t, noVerdict, code, said)
		require.Contains(t, said, "check which protocol? There are: saga, 2pc, tcc")
	}
}

// python returns an interpreter that has what the program needs. It is the interpreter
// itself: what the PATH has may be a script that looks for it, which takes longer than all
// that the participant does.
func python(t *testing.T, program string) string {
	t.Helper()
	needs := "sqlite3"
	if strings.HasSuffix(program, fastAPI) {
		needs = "fastapi, uvicorn"
	}
	for _, path := range []string{"python3", "/usr/bin/python3"} { // Debian's packages are there
		path, err := exec.CommandContext(t.Context(), path, "-c",
			"import "+needs+", sys; print(sys.executable)").Output()
		if err == nil {
			return strings.TrimSpace(string(path))
		}
	}
	if os.Getenv("CI") == "" {
		t.Skipf("no python3 with %s on this machine", needs)
	}
	require.Fail(t, "no python3", "with %s", needs)
	return ""
}

// root is the course's folder.
const root = "../.."

// inPython returns a file of a chapter's participants in Python.
func inPython(chapter, file string) string { return filepath.Join(root, chapter, "python", file) }

const fastAPI = "stock_fastapi.py"

func TestEachWrongParticipantIsCaught(t *testing.T) {
	for _, p := range protocols() {
		patches, err := filepath.Glob(inPython(p.chapter, "mistakes/*.patch"))
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(patches), 3)
		for _, patch := range patches {
			name := strings.TrimSuffix(filepath.Base(patch), ".patch")
			t.Run(p.name+" "+name, func(t *testing.T) {
				if name == "no-inquiry" && os.Getenv("CHECK_ALL") == "" {
					t.Skip("the laboratory waits for ten seconds; CHECK_ALL=1 does")
				}
				program, run := mistaken(t, patch)
				if _, is := p.atCall(run); is && trace.Unable != "" {
					t.Skip(trace.Unable)
				}
				command := []string{"--", python(t, program), program}
				args := append([]string{p.name, "-times", "100", "-run", run}, command...)
				if os.Getenv("CHECK_ALL") != "" {
					args = append([]string{p.name}, command...)
				}
				code, said := checked(t.Context(), t, args...)
				require.Equal(t, wrong, code, said)
				require.Contains(t, said, "again: go run . check "+p.name)
			})
		}
	}
}

// mistaken writes the program with a mistake in it, and returns the run that shows it.
func mistaken(t *testing.T, patch string) (program, run string) {
	t.Helper()
	text, err := os.Open(patch)
	require.NoError(t, err)
	defer text.Close()
	files, head, err := gitdiff.Parse(text)
	require.NoError(t, err)
	require.Len(t, files, 1)
	source, err := os.Open(filepath.Join(root, files[0].OldName))
	require.NoError(t, err)
	defer source.Close()
	var changed bytes.Buffer
	require.NoError(t, gitdiff.Apply(&changed, source, files[0]))
	program = filepath.Join(t.TempDir(), filepath.Base(files[0].OldName))
	require.NoError(t, os.WriteFile(program, changed.Bytes(), 0o600))
	_, run, found := strings.Cut(head, "\nRun: ")
	require.True(t, found, "the header says no run")
	return program, strings.TrimSpace(run)
}

// TestTheLessonsShowWhatIsSaid plays the runs of which lessons show the report.
func TestTheLessonsShowWhatIsSaid(t *testing.T) {
	for protocol, patch := range map[string]string{
		"2pc": inPython("ch05-2pc", "mistakes/deciding-alone.patch"),
		"tcc": inPython("ch06-tcc", "mistakes/no-tombstone.patch"),
	} {
		program, run := mistaken(t, patch)
		code, said := checked(t.Context(), t,
			protocol, "-run", run, "--", python(t, program), program)
		require.Equal(t, wrong, code, said)
		shown, _, _ := strings.Cut(said, "\n\nagain:")
		lesson, err := os.ReadFile(filepath.Join(filepath.Dir(patch), "../../README.md"))
		require.NoError(t, err)
		require.Contains(t, string(lesson), "```text\n"+strings.TrimSpace(shown)+"\n```\n")
	}
}

// TestTheMistakesOfTheChaptersParticipantsAreSeenFromOutside is part of .ci/long: it builds
// each chapter with each mistake of its participant. The lessons have what it finds.
func TestTheMistakesOfTheChaptersParticipantsAreSeenFromOutside(t *testing.T) {
	if os.Getenv("CHECK_ALL") == "" {
		t.Skip("CHECK_ALL=1 builds the chapters with each mistake, as .ci/long does")
	}
	cut := wrong // where the laboratory can cut a program's power
	if trace.Unable != "" {
		cut = right
	}
	for _, row := range []struct {
		*protocol
		service []string
		want    map[string]int
	}{
		{saga(), goSaga, map[string]int{
			"check-before-transaction": wrong, "compensation-repeats": wrong,
			"no-deduplication": wrong, "no-tombstone": wrong,
			"judged-before-look-up": right, "bodies-compared": right, // a new release
			"record-error-ignored": right, // a statement that fails
		}},
		{twopc(), go2PC, map[string]int{
			"commit-not-idempotent": wrong, "deciding-alone": wrong, "no-tombstone": wrong,
			"unlocked-at-prepare": wrong, "vote-not-forced": cut,
		}},
		{tcc(), goTCC, map[string]int{
			"barrier-in-another-transaction": wrong, "cancel-repeats": wrong,
			"empty-cancel-forgotten": wrong, "try-repeats": wrong,
			"judged-before-barrier": right, "confirm-is-judged": right, // a new release
			"reservation-not-forced": cut,
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			root, err := filepath.Abs(root)
			require.NoError(t, err)
			list, err := source.Mistakes(lab.Chapter{Name: row.chapter}, root)
			require.NoError(t, err)
			codes := map[string]int{}
			for _, m := range list {
				if !strings.Contains(m.Patch, "b/"+row.chapter+"/participant/") {
					continue
				}
				program := withMistake(t, root, row.chapter, m)
				args := append([]string{row.name, "-times", "5", "--", program}, row.service...)
				code, said := checked(t.Context(), t, args...)
				t.Logf("%s: %d\n%s", m.Name, code, said)
				codes[m.Name] = code
			}
			require.Equal(t, row.want, codes)
		})
	}
}

// withMistake builds a chapter's program with a mistake in it.
func withMistake(t *testing.T, root, chapter string, m source.Mistake) (program string) {
	t.Helper()
	dir := t.TempDir()
	overlay, err := m.Overlay(root, dir)
	require.NoError(t, err)
	program = filepath.Join(dir, chapter)
	build := exec.CommandContext(
		t.Context(), "go", "build", "-overlay="+overlay, "-o", program, "./"+chapter)
	build.Dir = root
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// goSaga, go2PC and goTCC are the arguments of a chapter's program for its stock.
var (
	goSaga = []string{
		"-variant", "orchestrated", "-serve", "-dir", "$DATA", "-port", "$PORT", "stock",
	}
	go2PC = []string{
		"-variant", "rows", "-serve", "-dir", "$DATA", "-port", "$PORT",
		"-peer", "order=$COORDINATOR", "stock",
	}
	goTCC = []string{
		"-variant", "barrier", "-serve", "-dir", "$DATA", "-port", "$PORT", "stock",
	}
)

func TestACheckGoesOnWhereItWasStopped(t *testing.T) {
	if trace.Unable != "" {
		t.Skip(trace.Unable)
	}
	const last = "refused, then units come back: power cut after the answer @ take order-2 #2"
	code, said := checked(t.Context(), t, "saga", "-from", last, "--",
		python(t, "stock.py"), inPython("ch04-saga", "stock.py"))
	require.Equal(t, right, code, said)
	require.Contains(t, said, " runs are left out.\n1 runs, each on fresh data: 0 with")
	require.Contains(t, said, "\n0 of 1 runs break it.")
}

// TestAKillAtASystemCallIsCertain plays a run three times: time does not decide where the
// program dies.
func TestAKillAtASystemCallIsCertain(t *testing.T) {
	if trace.Unable != "" {
		t.Skip(trace.Unable)
	}
	for mistake, call := range map[string]string{
		"answer-before-commit":          "pwrite64 stock.db-wal 1",
		"memory-in-another-transaction": "fdatasync stock.db-wal 1",
	} {
		t.Run(mistake, func(t *testing.T) {
			program, _ := mistaken(t, inPython("ch04-saga", "mistakes/"+mistake+".patch"))
			for range 3 {
				code, said := checked(t.Context(), t, "saga",
					"-run", "compensated: killed before "+call+" @ take order-1 #1",
					"--", python(t, program), program)
				require.Equal(t, wrong, code, said)
				require.Contains(t, said, "GET /ledger says:")
			}
		})
	}
}

// slow takes a second to start, and makes ten times as many system calls as the others.
const slow = "FastAPI, in two processes"

// sampled: the tests play one run of so many; .ci/long plays all.
const sampled = 8

func TestARightParticipantIsRight(t *testing.T) {
	built := func(chapter string, args []string) func(*testing.T) []string {
		return func(t *testing.T) []string {
			t.Helper()
			program, remove, err := source.Build(t.Context(), chapter)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, remove()) })
			return append([]string{program}, args...)
		}
	}
	read := func(chapter, file string) func(*testing.T) []string {
		return func(t *testing.T) []string {
			t.Helper()
			return []string{python(t, file), inPython(chapter, file)}
		}
	}
	for _, row := range []struct {
		protocol, name string
		command        func(*testing.T) []string
	}{
		{"saga", "Python", read("ch04-saga", "stock.py")},
		{"saga", slow, read("ch04-saga", fastAPI)},
		{"saga", "Go", built("ch04-saga", goSaga)},
		{"2pc", "Python", read("ch05-2pc", "stock.py")},
		{"2pc", "Go", built("ch05-2pc", go2PC)},
		{"tcc", "Python", read("ch06-tcc", "stock.py")},
		{"tcc", "Go", built("ch06-tcc", goTCC)},
	} {
		t.Run(row.protocol+" in "+row.name, func(t *testing.T) {
			var out bytes.Buffer
			k := checker{stdout: &out, stderr: &out}
			require.NoError(t, k.parse(append([]string{row.protocol, "--"}, row.command(t)...)))
			messages, kills := k.runs()
			all := append(messages, kills...)
			if row.name != slow || os.Getenv("CHECK_ALL") != "" {
				calls, cuts, err := k.callRuns(t.Context())
				require.NoError(t, err)
				require.Equal(t, trace.Unable, k.untraced)
				all = slices.Concat(all, calls, cuts)
			}
			if os.Getenv("CHECK_ALL") == "" {
				var some []run
				for i := 0; i < len(all); i += sampled {
					some = append(some, all[i])
				}
				all = some
			}
			code, err := k.every(t.Context(), all)
			require.NoError(t, err)
			require.Equal(t, right, code, out.String())
			require.Contains(t, out.String(), fmt.Sprintf("0 of %d runs break it", len(all)))
			require.Zero(t, k.missed, "runs without their system call")
			if os.Getenv("CHECK_ALL") != "" {
				require.Empty(t, k.document.Unseen(), "an answer of the contract that no run shows")
			}
		})
	}
}
