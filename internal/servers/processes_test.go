//go:build unix

package servers_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/servers"
)

// family returns the ids of a process's descendants.
func family(t *testing.T, pid int) (descendants []int) {
	t.Helper()
	children := map[int][]int{}
	for _, p := range processes(t) {
		children[p.parent] = append(children[p.parent], p.id)
	}
	for next := children[pid]; len(next) > 0; next = next[1:] {
		descendants = append(descendants, next[0])
		next = append(next, children[next[0]]...)
	}
	return descendants
}

// processesOf returns the ids of a server's processes, which its pid file leads to.
func processesOf(t *testing.T, s *servers.Server) []int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir(t, s), "data", "*.pid"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	content, err := os.ReadFile(files[0])
	require.NoError(t, err)
	id, err := strconv.Atoi(strings.Fields(string(content))[0])
	require.NoError(t, err)
	require.Equal(t, []int{id}, alive(t, []int{id}))
	return append(family(t, id), id)
}

func requireGone(t *testing.T, processes []int) {
	t.Helper()
	gone := func() bool { return len(alive(t, processes)) == 0 }
	require.Eventually(t, gone, time.Minute, 20*time.Millisecond,
		"of the processes %v some are left", processes)
}

// alive returns those of the processes that still run.
func alive(t *testing.T, ids []int) (alive []int) {
	t.Helper()
	running := map[int]bool{}
	for _, p := range processes(t) {
		running[p.id] = true
	}
	for _, id := range ids {
		if running[id] {
			alive = append(alive, id)
		}
	}
	return alive
}

type process struct{ id, parent int }

// processes returns what runs on the machine. A process that has ended and
// waits for its parent to notice does not.
func processes(t *testing.T) (all []process) {
	t.Helper()
	ps := exec.Command("ps", "-A", "-o", "pid=", "-o", "ppid=", "-o", "stat=")
	out, err := ps.Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		id, _ := strconv.Atoi(fields[0])     // ps prints
		parent, _ := strconv.Atoi(fields[1]) // numbers
		if id != ps.Process.Pid && !strings.HasPrefix(fields[2], "Z") {
			all = append(all, process{id, parent})
		}
	}
	return all
}

// segments returns the ids of the shared memory on the machine.
func segments(t *testing.T) (ids []string) {
	t.Helper()
	out, err := exec.Command("ipcs", "-m").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); len(fields) > 1 {
			ids = append(ids, fields[1])
		}
	}
	return ids
}

// segmentsOf returns those that a killed PostgreSQL has left. MariaDB has none.
func segmentsOf(t *testing.T, s *servers.Server) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir(t, s), "data", "postmaster.pid"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	fields := strings.Fields(strings.Split(string(content), "\n")[6])
	return fields[1:]
}
