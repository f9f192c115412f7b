package lab_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/toy"
)

func TestAClosedClusterLeavesNothingBehind(t *testing.T) {
	dir := ownTemp(t)
	c, err := lab.Start(t.Context(), toy.Variant(toy.None), lab.Options{})
	require.NoError(t, err)
	processes := c.Processes()
	require.Len(t, processes, 2)
	for _, p := range processes {
		require.True(t, alive(p.PID), "%s was just started", p.Service)
	}
	told := c.Place(t.Context(), scenario(t, "success").Orders[0], 1)
	require.Equal(t, http.StatusCreated, told[0].Status)
	require.NoError(t, c.Close())
	for _, p := range processes {
		require.False(t, alive(p.PID), "%s runs on after Close", p.Service)
	}
	empty(t, dir, "Close")
}

func TestAServiceKilledByPlanIsGoneAndStartedAgain(t *testing.T) {
	dir := ownTemp(t)
	crash := fault.Fault{Kind: fault.Crash, Point: "till: POST /charge order-1 #1"}
	options := lab.Options{Plan: []fault.Fault{crash}}
	c, err := lab.Start(t.Context(), toy.Variant(toy.None), options)
	require.NoError(t, err)
	before := pids(c)
	c.Place(within(t), scenario(t, "success").Orders[0], 1)
	require.NoError(t, c.Settle(within(t)))
	after := pids(c)
	require.NoError(t, c.Close())
	require.False(t, alive(before["till"]), "the plan killed it")
	require.NotEqual(t, before["till"], after["till"])
	require.Equal(t, before["shop"], after["shop"], "it was not killed")
	var life []event.Kind
	for _, e := range c.Events() {
		if e.Kind == event.Crash || e.Kind == event.Restart {
			require.Equal(t, "till", e.Service)
			life = append(life, e.Kind)
		}
	}
	require.Equal(t, []event.Kind{event.Crash, event.Restart}, life)
	empty(t, dir, "a service was killed, and the cluster closed")
}

// TestACommitThatNobodyHasToldOfIsNoRest is about a commit that shows in a database
// before its process has told of it: if that were taken for rest, a crash that is
// planned there would never come.
func TestACommitThatNobodyHasToldOfIsNoRest(t *testing.T) {
	point := fault.Point{Boundary: fault.Commit, Service: "till", Op: "sweep", Key: "order-1"}
	crash := fault.Fault{Kind: fault.CrashAfter, Point: "till: commit sweep order-1 #1"}
	options := lab.Options{Plan: []fault.Fault{crash}}
	c, err := lab.Start(t.Context(), toy.Variant(toy.None), options)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	require.NoError(t, c.Settle(within(t)), "nothing has happened")
	ruling, ok := c.Arrive(fault.Stop{Step: fault.Committing, Point: point})
	require.True(t, ok)
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, c.Settle(short), context.DeadlineExceeded, "a commit is under way")
	_, ok = c.Arrive(fault.Stop{Step: fault.Committed, Point: ruling.Point})
	require.False(t, ok, "the plan kills it here")
	require.NoError(t, c.Settle(within(t)))
	require.Equal(t, event.Restart, c.Events()[len(c.Events())-1].Kind, "and it is up again")
}

func TestServicesEndWhenTheirParentIsKilled(t *testing.T) {
	t.Setenv(parentVariable, "of a cluster")
	dir := ownTemp(t)
	parent, open := startParent(t)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.NotEmpty(t, left, "its databases are elsewhere: this test would prove nothing")
	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait(), "it was killed")
	gone(t, open)
	empty(t, dir, "the parent was killed")
}

// startParent starts this program as a parent of services. Open is closed when
// the last of them has ended: they inherit its other end.
func startParent(t *testing.T) (parent *exec.Cmd, open *os.File) {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	parent = exec.Command(exe)
	_, err = parent.StdinPipe()
	require.NoError(t, err)
	stdout, err := parent.StdoutPipe()
	require.NoError(t, err)
	open, theirs, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { _ = open.Close() })
	parent.Stderr = theirs
	require.NoError(t, parent.Start())
	require.NoError(t, theirs.Close())
	word, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "started: <nil>\n", word)
	return parent, open
}

// gone waits until the services of a parent have ended.
func gone(t *testing.T, open *os.File) {
	t.Helper()
	require.NoError(t, open.SetReadDeadline(time.Now().Add(10*time.Second)))
	said, err := io.ReadAll(open)
	require.NoError(t, err, "a service runs on after its parent has ended")
	require.Empty(t, string(said))
}

// within bounds what a test waits for.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// pids returns the processes that run, by service.
func pids(c *lab.Cluster) map[string]int {
	list := map[string]int{}
	for _, p := range c.Processes() {
		list[p.Service] = p.PID
	}
	return list
}

// alive tells whether there is a process of that number. On Windows, to find it
// is to know; elsewhere it is asked with signal 0.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	defer p.Release()
	err = p.Signal(syscall.Signal(0))
	return err == nil
}

func TestTheAnswerOfAProgramThatIsNotOursIsLost(t *testing.T) {
	till := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"charged":%q}`, r.Header.Get("Idempotency-Key"))
	}))
	defer till.Close()
	lost := fault.Fault{Kind: fault.ReplyLost, Point: "shop → till: POST /charge order-1 #1"}
	c, err := lab.Start(
		t.Context(), toy.Variant(toy.None), lab.Options{Plan: []fault.Fault{lost}})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	c.Adopt("till", till.Listener.Addr().String(), "not ours")
	c.Place(within(t), scenario(t, "success").Orders[0], 1)
	require.NoError(t, c.Settle(within(t)))
	var ways []event.Kind
	for _, e := range c.Events() {
		if e.Service == "till" && e.Message != "" {
			ways = append(ways, e.Kind)
		}
	}
	require.Equal(t, []event.Kind{event.Receive, event.Send, event.Drop}, ways[:3])
}
