package real

import (
	"context"
	"fmt"
	"slices"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
)

// Kill ends a service's process at once, as kill -9 does. Whether it is started
// again, Options say.
func (c *Cluster) Kill(service string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.processes[service]
	if p == nil || p.dead || p.foreign {
		return fmt.Errorf("kill %s: it is not running", service)
	}
	killed := event.Data{Text: "killed"}
	c.director.Record(event.Event{Service: service, Kind: event.Crash, Data: killed})
	p.kill(false)
	c.signal()
	return nil
}

// Revive starts a service again that has died and was to stay down.
func (c *Cluster) Revive(service string) error {
	c.mu.Lock()
	p := c.processes[service]
	down := p != nil && p.dead && !p.foreign && c.stay
	c.mu.Unlock()
	if !down {
		return fmt.Errorf("revive %s: it is not down to stay", service)
	}
	<-p.gone
	return c.restart(p)
}

// Replace puts another version in a service's place: it starts the new one,
// sends all further requests to it, and ends the old one when that has answered
// the requests it has.
func (c *Cluster) Replace(ctx context.Context, service, version string) error {
	i := slices.IndexFunc(c.variant.Spares, func(s lab.Service) bool {
		return s.Name == service && s.Version == version
	})
	if i < 0 {
		return fmt.Errorf("replace %s: there is no version %q", service, version)
	}
	c.mu.Lock()
	old := c.processes[service]
	c.mu.Unlock()
	if err := c.launch(ctx, c.variant.Spares[i]); err != nil {
		return fmt.Errorf("replace %s: %w", service, err)
	}
	c.mu.Lock()
	taken := event.Data{Text: "version " + version}
	c.director.Record(event.Event{Service: service, Kind: event.State, Data: taken})
	c.mu.Unlock()
	drain, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	_ = c.await(drain, func() bool { return old.received == old.found && old.serving == 0 })
	old.end() // in any case
	return nil
}

// drainTime is how long a process that was replaced waits for requests that are
// still on their way to it.
const drainTime = 2 * time.Second

// Adopt puts a program that is not the laboratory's in a service's place, such
// as one in another language that listens on addr.
func (c *Cluster) Adopt(service, addr, what string) {
	c.mu.Lock()
	old := c.processes[service]
	adopted := &process{cluster: c, service: lab.Service{Name: service}, addr: addr, foreign: true}
	c.processes[service] = adopted
	state := event.Event{Service: service, Kind: event.State, Data: event.Data{Text: what}}
	c.director.Record(state)
	c.signal()
	c.mu.Unlock()
	if old != nil {
		old.end()
	}
}
