package sim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/boundary"
	"example.com/dtx/lab/fault"
)

// process is a service that is running, or dead. When it is dead, all its
// boundaries are shut.
type process struct {
	world   *world
	service lab.Service
	name    string // the service's, or fault.Old of it
	// file is its database. Each life has its own, so that the dead cannot touch what the
	// living have.
	file     string
	handler  http.Handler
	db       *sqlite.DB
	ctx      context.Context
	end      context.CancelFunc
	ended    chan struct{}      // closed when its background work has ended
	err      error              // the error of its background work
	early    bool               // whether that ended though it was not told to
	serving  context.Context    // the context of requests
	cutOff   context.CancelFunc // ends what it serves
	endBy    time.Time          // when it is killed, after it was told to end
	closing  bool               // whether it has nothing left to do
	closed   bool               // whether it has ended as it was told
	born     time.Time
	quick    int   // lives before this one that ended at once
	lost     *lost // what its write-ahead log holds only in memory
	inFlight int   // requests that it is serving
	starting bool  // its background work has its first transaction before it
	dead     bool
	synced   int64 // how much of the write-ahead log is forced to the disk; in bytes
	disk     image // what a dead process leaves behind
	rebootAt time.Time
	asleep   bool // a zombie, until its successor is at rest
}

// Pass is part of boundary.Lab. Two runs in the background of a service may stand at the
// same point: their ids say which of them goes first.
func (p *process) Pass(ctx context.Context, s fault.Stop) (fault.Ruling, error) {
	return p.world.pass(p, places.ID(ctx), s)
}

// outside is the Lab of a client, which is part of no process.
type outside struct {
	world *world
	order string // what the client wants
}

func (o outside) Pass(_ context.Context, s fault.Stop) (fault.Ruling, error) {
	return o.world.pass(nil, o.order, s)
}

// start runs a service on the files that are there.
func (w *world) start(ctx context.Context, s lab.Service, l *lost) (*process, error) {
	p := &process{
		world: w, service: s, name: s.Name, file: w.file(s.Name), ended: make(chan struct{}),
		born: time.Now(), lost: l,
	}
	p.serving, p.cutOff = context.WithCancel(ctx)
	p.ctx, p.end = context.WithCancel(p.serving)
	if s.HasDatabase() {
		gate := boundary.Turns{Gate: boundary.Gate{Lab: p, Service: s.Name}, Groups: w.groups}
		db, err := boundary.Open(ctx, s.Upgrade, sqlite.Config{Path: p.file, Gate: gate})
		if err != nil {
			return nil, fmt.Errorf("start %s: %w", s.Name, err)
		}
		p.db = db
		w.director.Owns(s.Name)
		p.forced()
	}
	service, err := s.Build(ctx, p.db, p.file, httpClient(w, p, s.Name))
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	p.handler = boundary.Handler(p, s.Name, service)
	runner, runs := service.(lab.Runner)
	w.runners, p.starting = w.runners || runs, runs
	go func() {
		if runs {
			p.err = runner.Run(p.ctx)
			p.early = p.ctx.Err() == nil
		} else {
			<-p.ctx.Done()
		}
		close(p.ended)
		w.poke()
	}()
	return p, nil
}

// failing tells whether its database is closed after a failed commit.
func (p *process) failing() bool {
	if p.db == nil {
		return false
	}
	select {
	case <-p.db.Failed():
		return true
	default:
		return false
	}
}

// die takes the process out of the world. Its files are kept as they are at
// this moment: what its goroutines still do to them does not count.
func (p *process) die(powerCut bool) {
	p.dead = true
	p.disk = read(p.file)
	if powerCut {
		p.disk.wal = p.disk.wal[:min(p.synced, int64(len(p.disk.wal)))]
	}
	p.lose(powerCut)
	p.cutOff()
}

// stop ends a process and waits for what is left of it.
func (p *process) stop() error {
	p.cutOff()
	<-p.ended
	err := p.err
	if p.early {
		err = nil // the process has ended of it
	}
	if p.db != nil {
		err = errors.Join(err, p.db.Close())
	}
	return err
}

// forced notes that everything in the write-ahead log is on the disk.
func (p *process) forced() {
	if info, err := os.Stat(p.file + "-wal"); err == nil {
		p.synced = info.Size()
	}
}

// httpClient is the client of a process, or of those outside.
func httpClient(w *world, l boundary.Lab, name string) *http.Client {
	return &http.Client{
		Transport: boundary.Transport{Lab: l, Service: name, Next: network{w}},
		Timeout:   2 * fault.Long, // the bound for a call that sets none
	}
}
