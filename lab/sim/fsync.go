package sim

import (
	"os"
	"strings"

	"example.com/dtx/lab/fault"
)

// lost is a part of a write-ahead log that is not on the disk, though
// readers of the file see it. No later fsync writes it: the operating system takes
// it for written.
type lost struct {
	from, to int64
	wal      os.FileInfo // the log that it is in
}

// at is the same part in the file of a database's next life.
func (l *lost) at(file string) *lost {
	if l == nil {
		return nil
	}
	info, err := os.Stat(file + "-wal")
	if err != nil {
		return nil
	}
	return &lost{l.from, l.to, info}
}

// wrote notes what a commit has brought to the disk.
func (p *process) wrote(s fault.Stop) {
	if s.Text == string(fault.LostFsync) {
		if info, err := os.Stat(p.file + "-wal"); err == nil {
			p.lost = &lost{min(p.synced, info.Size()), info.Size(), info}
		}
		p.world.cutAtRest[p.service.Name] = true
	}
	if s.Forced {
		p.forced()
	}
}

// lose takes from what a dead process leaves behind what the power cut takes. A
// log that is another file by then was written anew, and is whole.
func (p *process) lose(powerCut bool) {
	if p.lost == nil {
		return
	}
	info, err := os.Stat(p.file + "-wal")
	if err != nil || !os.SameFile(info, p.lost.wal) && !p.world.uncured {
		p.lost = nil
		return
	}
	if powerCut {
		wal := p.disk.wal
		clear(wal[min(p.lost.from, int64(len(wal))):min(p.lost.to, int64(len(wal)))])
		p.lost = nil
	}
}

// cutPower cuts the power of a service that an fsync has lied to, when all is at
// rest. It returns false if there is none.
func (w *world) cutPower() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.variant.Services {
		if w.cutAtRest[s.Name] && !w.haunted(s.Name) {
			w.director.CutPower(s.Name)
			w.kill(w.processes[s.Name], true)
			return true
		}
	}
	return false
}

// later is after how many more commits the power is cut that a lost fsync waits for.
const later = 3

// powerCuts are those that follow a lost fsync in its run: one after each of the
// next commits of that service. The one at rest is part of the run itself.
func powerCuts(lost fault.Offer, r Run) (list []fault.Fault) {
	if lost.Kind != fault.LostFsync {
		return nil
	}
	service, _, _ := strings.Cut(lost.Point, ": ")
	for _, o := range r.Offers {
		next := o.Seq > lost.Seq && o.Kind == fault.PowerCut && len(list) < later
		if next && strings.HasPrefix(o.Point, service+": commit ") {
			list = append(list, o.Fault)
		}
	}
	return list
}
