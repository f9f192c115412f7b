package real

import (
	"os"
	"os/signal"
	"time"

	"example.com/dtx/lab/event"
)

// This file is how a process ends that nothing kills.

const (
	firstReboot = 100 * time.Millisecond // before a process that ends itself again is started
	longReboot  = 10 * time.Second       // the longest such pause; a longer life needs none
)

// endOn lets a signal end a process in good order, until the function that it
// returns is called.
func endOn(sig os.Signal, end func()) (forget func()) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, sig)
	go func() {
		if _, ok := <-told; ok {
			end()
		}
	}()
	return func() { signal.Stop(told); close(told) }
}

// terminate tells the process to end in good order. The caller holds the
// cluster's mu.
func (p *process) terminate() {
	p.told, p.ending = true, true
	_ = tellToEnd(p) // an error means that it has ended
}

// noteEnd records why a process has ended that nothing has killed. The caller
// holds the cluster's mu.
func (c *Cluster) noteEnd(p *process) {
	why := "ends itself: its background work failed"
	switch {
	case p.told:
		p.synced, p.lost = 0, nil // the log has gone into the database
		c.director.Ended(p.name)
		return
	case p.ending:
		why = "ends itself: outcome unknown"
	}
	c.director.Record(event.Event{
		Service: p.name, Kind: event.Crash, Data: event.Data{Text: why},
	})
}

// backOff waits before a process is started again that has ended itself: the
// longer, the more lives before it ended at once. It returns false if the cluster
// closes meanwhile.
func (c *Cluster) backOff(dead *process) bool {
	if !dead.itself || time.Since(dead.born) > longReboot {
		dead.quick = 0
		return true
	}
	dead.quick++
	if dead.quick == 1 {
		return true
	}
	timer := time.NewTimer(min(firstReboot<<min(dead.quick-2, 10), longReboot))
	defer timer.Stop()
	for {
		c.mu.Lock()
		closing, changed := c.closing, c.changed
		c.mu.Unlock()
		if closing {
			return false
		}
		select {
		case <-timer.C:
			return true
		case <-changed:
		}
	}
}
