package real_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/labtest"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/toy"
)

func TestAClosedClusterLeavesNothingBehind(t *testing.T) {
	dir := labtest.OwnTemp(t)
	c, err := real.Start(t.Context(), toy.Variant(toy.None), real.Options{})
	require.NoError(t, err)
	processes := c.Processes()
	require.Len(t, processes, 2)
	for _, p := range processes {
		require.True(t, alive(p.PID), "%s was just started", p.Service)
	}
	told := c.Place(t.Context(), labtest.Scenario(t, "success").Orders[0], 1)
	require.Equal(t, http.StatusCreated, told[0].Status)
	require.NoError(t, c.Close())
	for _, p := range processes {
		require.False(t, alive(p.PID), "%s runs on after Close", p.Service)
	}
	labtest.Empty(t, dir, "Close")
}

func TestAServiceKilledByPlanIsGoneAndStartedAgain(t *testing.T) {
	dir := labtest.OwnTemp(t)
	crash := fault.Fault{Kind: fault.Crash, Point: "till: POST /charge order-1 #1"}
	options := real.Options{Plan: []fault.Fault{crash}}
	c, err := real.Start(t.Context(), toy.Variant(toy.None), options)
	require.NoError(t, err)
	before := pids(c)
	c.Place(labtest.Within(t), labtest.Scenario(t, "success").Orders[0], 1)
	require.NoError(t, c.Settle(labtest.Within(t)))
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
	labtest.Empty(t, dir, "a service was killed, and the cluster closed")
}

// TestACommitThatNobodyHasToldOfIsNoRest is about a commit that shows in a database
// before its process has told of it: if that were taken for rest, a crash that is
// planned there would never come.
func TestACommitThatNobodyHasToldOfIsNoRest(t *testing.T) {
	point := fault.Point{Boundary: fault.Commit, Service: "till", Op: "sweep", Key: "order-1"}
	crash := fault.Fault{Kind: fault.CrashAfter, Point: "till: commit sweep order-1 #1"}
	options := real.Options{Plan: []fault.Fault{crash}}
	c, err := real.Start(t.Context(), toy.Variant(toy.None), options)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	require.NoError(t, c.Settle(labtest.Within(t)), "nothing has happened")
	ruling, ok := c.Arrive(fault.Stop{Step: fault.Committing, Point: point})
	require.True(t, ok)
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, c.Settle(short), context.DeadlineExceeded, "a commit is under way")
	_, ok = c.Arrive(fault.Stop{Step: fault.Committed, Point: ruling.Point})
	require.False(t, ok, "the plan kills it here")
	require.NoError(t, c.Settle(labtest.Within(t)))
	require.Equal(t, event.Restart, c.Events()[len(c.Events())-1].Kind, "and it is up again")
}

func TestServicesEndWhenTheirParentIsKilled(t *testing.T) {
	t.Setenv(labtest.ParentVariable, "of a cluster")
	dir := labtest.OwnTemp(t)
	parent, open := labtest.StartParent(t)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.NotEmpty(t, left, "its databases are elsewhere: this test would prove nothing")
	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait(), "it was killed")
	labtest.Gone(t, open)
	labtest.Empty(t, dir, "the parent was killed")
}

// pids returns the processes that run, by service.
func pids(c *real.Cluster) map[string]int {
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
	c, err := real.Start(
		t.Context(), toy.Variant(toy.None), real.Options{Plan: []fault.Fault{lost}})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	c.Adopt("till", till.Listener.Addr().String(), "not ours")
	c.Place(labtest.Within(t), labtest.Scenario(t, "success").Orders[0], 1)
	require.NoError(t, c.Settle(labtest.Within(t)))
	var ways []event.Kind
	for _, e := range c.Events() {
		if e.Service == "till" && e.Message != "" {
			ways = append(ways, e.Kind)
		}
	}
	require.Equal(t, []event.Kind{event.Receive, event.Send, event.Drop}, ways[:3])
}
