package sim

import (
	"context"
	"slices"
	"strings"
	"time"

	"example.com/dtx/lab/fault"
)

// replace starts a successor on the database file of a process that is taken for
// dead. The process goes on under another name. Both have the file open, so it
// is neither copied nor locked: at work, the log is on a server.
func (w *world) replace(ctx context.Context, d fault.Deed) error {
	old := w.processes[d.Replace]
	next, err := w.start(ctx, old.service, nil)
	if err != nil {
		return err
	}
	old.name, old.asleep = fault.Old(d.Replace), d.Asleep
	w.zombie = old
	w.processes[d.Replace], w.processes[old.name] = next, old
	for _, k := range w.parked {
		k.rename()
	}
	w.director.Succeed(d.Replace)
	return nil
}

// rename gives a stop the name of its process.
func (k *parked) rename() {
	if k.process != nil {
		k.Point.Service = k.process.name
	}
	parts := []string{k.Point.Base(), string(k.Step), k.Message, k.Serving, k.order}
	k.name = strings.Join(parts, "\x00")
}

// sleeps tells whether a stop waits until its process wakes. A transaction that
// has begun ends first, also one that another could share: it locks the database, and
// the successor, which cannot write, would never be at rest.
func (k *parked) sleeps() bool {
	begun := []fault.Step{fault.Joining, fault.Committing, fault.Committed}
	return k.process != nil && k.process.asleep && !slices.Contains(begun, k.Step)
}

// wakeZombie wakes the process that sleeps until all others are at rest. It
// returns false if there is none.
func (w *world) wakeZombie() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	z := w.zombie
	if z == nil || z.dead || !z.asleep {
		return false
	}
	z.asleep = false
	w.director.Wake()
	return true
}

// tendZombie ends a zombie whose database has failed. It has a successor already.
func (w *world) tendZombie() (hasEnded bool) { return w.zombie != nil && w.ends(w.zombie) }

// haunted tells whether two processes of a service have its file open.
func (w *world) haunted(service string) bool {
	return w.zombie != nil && w.zombie.service.Name == service
}

// reached finds the process that a new request to a service reaches.
func (w *world) reached(service string) *process {
	if p := w.processes[w.director.Reached(service, time.Now())]; p != nil && !p.dead {
		return p
	}
	return w.processes[service]
}

// Without returns the stage, whose explorations leave kinds of fault out.
func (s *Stage) Without(kinds ...fault.Kind) *Stage {
	s.without = kinds
	return s
}
