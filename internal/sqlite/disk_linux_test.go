package sqlite_test

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"example.com/dtx/internal/sqlite"
	"github.com/stretchr/testify/require"
)

// childVariable names the folder in which a test works when it runs as a
// process of its own.
const childVariable = "SQLITE_TEST_FOLDER"

// child makes a command that runs the same test again as a process of its own.
func child(t *testing.T, folder string, wrapper ...string) *exec.Cmd {
	t.Helper()
	args := append(wrapper, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Env = append(os.Environ(), childVariable+"="+folder)
	return cmd
}

// TestEachForcedCommitIsOneSyncOfTheLog asks the kernel what reached the disk, and
// when: the test runs itself under strace, and marks its steps by syncing files of
// its own.
func TestEachForcedCommitIsOneSyncOfTheLog(t *testing.T) {
	if folder := os.Getenv(childVariable); folder != "" {
		writeUnderTrace(t, folder)
		return
	}
	folder := t.TempDir()
	trace := filepath.Join(folder, "trace")
	if _, err := exec.LookPath("strace"); err != nil {
		cannotTrace(t, "strace is not installed")
	}
	traced := []string{"strace", "-f", "-y", "-e", "trace=fsync,fdatasync", "-o", trace}
	out, err := child(t, folder, traced...).CombinedOutput()
	if strings.Contains(string(out), "PTRACE") {
		cannotTrace(t, "strace is not permitted: "+string(out))
	}
	require.NoError(t, err, string(out))

	require.Equal(t, map[string]string{
		// To WAL mode; the log's header; the schema.
		"open":               "journal folder journal db wal folder wal",
		"update":             "wal",
		"update again":       "wal",
		"update three times": "wal wal wal",
		"unforced":           "",
		"update nothing":     "",
		"update and fail":    "",
		"update unforced":    "wal", // forced after unforced: one for both
		"view":               "",
		"close":              "wal db", // the log goes into the database
		"open again":         "",
		"unforced first":     "wal folder", // a new log's header, and its name
		"unforced second":    "",
		"close again":        "wal db",
	}, synced(t, trace))
}

func writeUnderTrace(t *testing.T, folder string) {
	step := func(name string) {
		f, err := os.Create(filepath.Join(folder, "after "+name))
		require.NoError(t, err)
		require.NoError(t, f.Sync())
		require.NoError(t, f.Close())
	}
	c := sqlite.Config{Path: filepath.Join(folder, "shop.db"), Schema: schema}
	db := open(t, c)
	step("open")
	require.NoError(t, db.Update(t.Context(), insert))
	step("update")
	require.NoError(t, db.Update(t.Context(), insert))
	step("update again")
	for range 3 {
		require.NoError(t, db.Update(t.Context(), insert))
	}
	step("update three times")
	for range 5 {
		require.NoError(t, db.UpdateUnforced(t.Context(), insert))
	}
	step("unforced")
	require.NoError(t, db.Update(t.Context(), nothing))
	step("update nothing")
	require.Error(t, db.Update(t.Context(), run("INSERT INTO item DEFAULT VALUES; nonsense")))
	step("update and fail")
	require.NoError(t, db.Update(t.Context(), insert))
	step("update unforced")
	require.Equal(t, 11, items(t, db))
	step("view")
	require.Equal(t, int64(6), db.Forced(),
		"as many as the trace shows between opening and closing")
	require.NoError(t, db.Close())
	step("close")

	db = open(t, c)
	step("open again")
	require.NoError(t, db.UpdateUnforced(t.Context(), insert))
	step("unforced first")
	require.NoError(t, db.UpdateUnforced(t.Context(), insert))
	step("unforced second")
	require.Zero(t, db.Forced())
	require.NoError(t, db.Close())
	step("close again")
}

// synced reads from a trace which files were synced in each step.
func synced(t *testing.T, trace string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(trace)
	require.NoError(t, err)
	steps, now := map[string]string{}, []string{}
	synced := regexp.MustCompile(`sync\(\d+<([^>]+)>`)
	for _, call := range synced.FindAllStringSubmatch(string(content), -1) {
		path := call[1]
		name, marks := strings.CutPrefix(filepath.Base(path), "after ")
		switch {
		case marks:
			steps[name], now = strings.Join(now, " "), nil
		case strings.HasSuffix(path, "-wal"):
			now = append(now, "wal")
		case strings.HasSuffix(path, "-journal"):
			now = append(now, "journal")
		case strings.HasSuffix(path, ".db"):
			now = append(now, "db")
		default:
			now = append(now, "folder")
		}
	}
	return steps
}

// cannotTrace is no excuse where the tests have the last word.
func cannotTrace(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		require.FailNow(t, why)
	}
	t.Skip(why)
}

// TestACommitThatTheDiskRefusesIsUnknown needs no Gate: the operating system
// refuses to let the log grow.
func TestACommitThatTheDiskRefusesIsUnknown(t *testing.T) {
	folder := os.Getenv(childVariable)
	if folder == "" { // the limit is one of the whole process
		out, err := child(t, t.TempDir()).CombinedOutput()
		require.NoError(t, err, string(out))
		return
	}
	path := filepath.Join(folder, "shop.db")
	db := open(t, sqlite.Config{Path: path})
	require.NoError(t, db.Update(t.Context(), insert))

	lift := limitFiles(t, path+"-wal")
	err := db.Update(t.Context(), run("INSERT INTO item (note) VALUES (hex(zeroblob(100000)))"))
	lift()
	require.ErrorContains(t, err, "disk")
	requireFailed(t, db, err)
	require.Equal(t, int64(1), db.Forced())
	require.NoError(t, db.Close())

	db = open(t, sqlite.Config{Path: path})
	require.Equal(t, 1, items(t, db))
	requireUsable(t, db)
}

// limitFiles keeps all files from growing beyond the size of this one.
func limitFiles(t *testing.T, path string) (lift func()) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	signal.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	limit := syscall.Rlimit{Cur: uint64(info.Size()), Max: before.Max}
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	return func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)) }
}

func TestAnOpeningThatFailsKeepsNoFileOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Schema: "nonsense"})
	require.Error(t, err)
	files, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	for _, f := range files {
		target, _ := os.Readlink("/proc/self/fd/" + f.Name())
		require.NotContains(t, target, path)
	}
}
