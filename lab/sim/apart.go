package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/source"
)

// These are set in a process that runs one test of another.
const (
	apartVariable = "LAB_APART"
	oneOfVariable = "LAB_ONE_OF" // of so many faults of a kind it is to play one
)

// exploring has a place for each process that explores: one a processor.
var exploring = make(chan struct{}, runtime.GOMAXPROCS(0))

// apart has this program explore what the test t is to explore, in a process of
// its own and on one thread. In one process, threads would wait for each other at
// the locks that all of SQLite's connections share, for a quarter of their time.
func apart(t *testing.T, oneOf int) lab.Report {
	t.Helper()
	exploring <- struct{}{}
	defer func() { <-exploring }()
	exe, err := os.Executable()
	require.NoError(t, err)
	path := strings.ReplaceAll(regexp.QuoteMeta(t.Name()), "/", "$/^")
	child := exec.CommandContext(t.Context(), exe,
		"-test.run=^"+path+"$", "-test.v", "-test.timeout=0",
		fmt.Sprintf("-test.short=%t", testing.Short()))
	child.Env = append(os.Environ(),
		apartVariable+"=1", lab.ExploreVariable+"=1", lab.ReportVariable+"=1",
		fmt.Sprintf("%s=%d", oneOfVariable, oneOf))
	var said bytes.Buffer
	child.Stdout, child.Stderr = &said, &said
	alive, err := child.StdinPipe() // it ends with this process
	require.NoError(t, err)
	defer alive.Close()
	require.NoError(t, child.Run(), "%s", &said)
	reports, rest, err := source.ReadReports(said.Bytes())
	require.NoError(t, err)
	require.Len(t, reports, 1, "%s", &said)
	_, _ = t.Output().Write(rest)
	return reports[0]
}

// kept is the report of what play plays, or the one of that name which was kept before.
func kept(t *testing.T, name string, play func() lab.Report) (r lab.Report) {
	t.Helper()
	dir := os.Getenv(lab.KeepVariable)
	if dir == "" {
		return play()
	}
	path := filepath.Join(dir, name+".json")
	text, err := os.ReadFile(path)
	if err == nil {
		require.NoError(t, json.Unmarshal(text, &r), path)
		return r
	}
	require.ErrorIs(t, err, fs.ErrNotExist)
	r = play()
	text, err = json.Marshal(r)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path+".new", text, 0o600))
	require.NoError(t, os.Rename(path+".new", path)) // whole, or not there
	return r
}
