package real

import (
	"context"
	"errors"
	"os"
	"time"

	"example.com/dtx/lab/fault"
)

// lost is a part of a write-ahead log that is not on the disk, though
// readers of the file see it.
type lost struct {
	from, to int64
	wal      os.FileInfo // the log that it is in
}

// zero does what a power cut does to the part. A log that is another file by now was
// written anew, and is whole.
func (l *lost) zero(path string) error {
	info, err := os.Stat(path)
	if l == nil || err != nil || !os.SameFile(info, l.wal) || info.Size() <= l.from {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(make([]byte, min(l.to, info.Size())-l.from), l.from)
	return errors.Join(err, file.Close())
}

// wrote notes what a commit has brought to the disk. The caller holds the
// cluster's mu.
func (p *process) wrote(s fault.Stop) {
	info, err := os.Stat(p.cluster.file(p.service.Name) + "-wal")
	if err != nil {
		return
	}
	if s.Text == string(fault.LostFsync) {
		p.lost = &lost{min(p.synced, info.Size()), info.Size(), info}
		p.cluster.cutAtRest[p.service.Name] = true
	}
	if s.Forced {
		p.synced = info.Size()
	}
}

// startAnew starts the successor of a dead process. If the log is another file
// then, all of it is on the disk.
func (c *Cluster) startAnew(dead *process) (*process, error) {
	log := c.file(dead.service.Name) + "-wal"
	before, _ := os.Stat(log) // nil if there is none
	next, err := c.spawn(context.Background(), c.variant.Released(dead.service, c.release))
	if err != nil {
		return nil, err
	}
	next.synced, next.lost = dead.synced, dead.lost
	if after, err := os.Stat(log); err == nil && !os.SameFile(before, after) {
		next.synced, next.lost = after.Size(), nil
	}
	return next, nil
}

// awaitDisks waits until no disk is full. It returns false if none is.
func (c *Cluster) awaitDisks(ctx context.Context) bool {
	c.mu.Lock()
	wait := time.Until(c.director.HealedAt())
	c.mu.Unlock()
	return wait > 0 && sleep(ctx, nil, wait)
}

// cutPowerAtRest cuts the power of a service that an fsync has lied to, when all is at
// rest. It returns false if there is none.
func (c *Cluster) cutPowerAtRest() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.variant.Services {
		if p := c.processes[s.Name]; c.cutAtRest[s.Name] && !p.dead && c.zombie == nil {
			c.director.CutPower(s.Name)
			p.kill(true)
			c.signal()
			return true
		}
	}
	return false
}
