package main

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
)

// everyVariable has the tests try every fault, and not a sample.
const everyVariable = "ENGINE_EVERY"

// around returns the faults that do a deed to the worker before and after each point. What
// comes after the workflow's last commit comes after the answer.
func around(deed string, points []string) (list []string) {
	for _, p := range points {
		list = append(list, deed+" before "+p, deed+" after "+p)
		if p == "COMMIT after INSERT workflow_output #1" {
			break
		}
	}
	return list
}

// sample returns every n-th fault, and all of them in the long tier. If n is odd, half of
// them are before their point.
func sample(list []string, n int) (part []string) {
	if testing.Short() {
		n *= 5
	}
	if os.Getenv(everyVariable) != "" {
		n = 1
	}
	for i := 0; i < len(list); i += n {
		part = append(part, list[i])
	}
	return part
}

// count is what faults did.
type count struct{ Tried, Broken, Again int }

// tally counts what faults did.
type tally struct {
	mu sync.Mutex
	count
}

// again counts the calls that a participant got more than once.
func again(events []event.Event) (n int) {
	calls := map[string]int{}
	for _, e := range events {
		if e.Kind == event.Receive && !e.Data.Reply && strings.Contains(e.Point, ": POST /") {
			name, _, _ := strings.Cut(e.Point, " #")
			calls[name]++
		}
	}
	for _, times := range calls {
		n += times - 1
	}
	return n
}

// add notes a run, and fails the test if it was broken.
func (c *tally) add(t *testing.T, o real.Outcome) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Tried++
	c.Again += min(1, again(o.Events))
	if len(o.Findings) > 0 {
		c.Broken++
	}
	require.Empty(t, o.Findings, "the customer was told %v", o.Told)
}

// late tells whether a fault struck when the order had ended, and its customer was asking
// again. Only that ask has no answer.
func late(o real.Outcome) bool {
	last := invariants(o)
	return o.Told[0].Final() && len(last) == 1 && last[0] == lab.FinalAnswer
}

// invariants are those that a run has broken.
func invariants(o real.Outcome) (list []string) {
	for _, f := range o.Findings {
		list = append(list, f.Invariant)
	}
	return list
}

func TestAWorkerIsKilledAtEveryPoint(t *testing.T) {
	b := newBench(t)
	var sum tally
	for _, s := range scenarios() {
		_, points := b.play(t, s.Name, "")
		t.Run(s.Name, func(t *testing.T) {
			for _, f := range sample(around("kill", points), 17) {
				t.Run(f, func(t *testing.T) {
					t.Parallel()
					o, trace := b.play(t, s.Name, f)
					require.Contains(t, trace, struck, "the worker never came to the point")
					if !late(o) {
						sum.add(t, o)
					}
				})
			}
		})
	}
	t.Logf("tried=%d broken=%d", sum.Tried, sum.Broken)
	sum.keep(t, kinds()[0])
}

func TestTheLaboratorysFaultsAtTheCalls(t *testing.T) {
	b := newBench(t)
	var sum tally
	for _, s := range scenarios() {
		plain, _ := b.play(t, s.Name, "")
		var list []string
		for _, offer := range plain.Offers {
			if strings.HasPrefix(offer.Point, "order") {
				list = append(list, offer.Fault.String())
			}
		}
		t.Run(s.Name, func(t *testing.T) {
			for _, f := range sample(list, 11) {
				t.Run(f, func(t *testing.T) {
					t.Parallel()
					plan, err := fault.Parse(f)
					require.NoError(t, err)
					o, _ := b.play(t, s.Name, "", plan)
					require.Empty(t, o.Unfired)
					sum.add(t, o)
				})
			}
		})
	}
	t.Logf("tried=%d broken=%d", sum.Tried, sum.Broken)
	sum.keep(t, kinds()[1])
}
