package sim

import (
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
)

// absence is how long a service is away when a run begins.
type absence struct {
	service string
	time.Duration
}

// OutlastAbsence places many orders like one while a service is away, and requires
// that nothing is left when it is back: no place held, and a final answer for each.
// That is 30 orders and ten minutes; 300 and an hour if lab.AbsenceVariable is set.
func OutlastAbsence(t *testing.T, c lab.Chapter, v lab.Variant, service string, o lab.Order) {
	t.Helper()
	n, away := 30, 10*time.Minute
	if os.Getenv(lab.AbsenceVariable) != "" {
		n, away = 300, time.Hour
	}
	v.Messages.Most += int(away / time.Second) // one of its fair tries lasts seconds
	many := lab.Scenario{Name: fmt.Sprintf("%d orders, %s is away", n, service), Tries: 1}
	for i := range n {
		o.Key = fmt.Sprintf("order-%d", i+1)
		many.Orders = append(many.Orders, o)
	}
	s := NewStage(t, c, v)
	require.Contains(t, v.Columns(), service)
	s.away = absence{service, away}
	r := s.Run(t, many, nil)
	require.Empty(t, r.Findings, "%s was away for %v, and %d orders came", service, away, n)
	sent := slices.DeleteFunc(r.Events, func(e event.Event) bool { return e.Kind != event.Send })
	t.Logf("%s, %s for %v: %d messages", v.Name, many.Name, away, len(sent))
}

// begin takes away the service that is to be away. Such a run takes that much longer,
// and as many stops as it needs.
func (a absence) begin(w *world) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.longest, w.mostStops = maxRun+a.Duration, maxStops
	if p := w.processes[a.service]; p != nil {
		w.mostStops = math.MaxInt
		w.kill(p, false)
		p.rebootAt = time.Now().Add(a.Duration)
	}
}

// watchdog is how long such a run may take in real time.
func (a absence) watchdog() time.Duration {
	if a.service != "" {
		return 20 * watchdog
	}
	return watchdog
}
