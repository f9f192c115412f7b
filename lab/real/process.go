package real

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"

	"example.com/dtx/internal/program"
	"example.com/dtx/lab"
)

const (
	startTime   = 20 * time.Second // a process that is not ready by then will not be
	endTime     = 8 * time.Second  // nor will one that has not ended by then
	maxRestarts = 20               // of one service, in one run, by itself
)

// process is a service's process, as the laboratory sees it.
type process struct {
	*pipe
	cluster  *Cluster
	service  lab.Service
	cmd      *exec.Cmd
	stdin    io.Closer
	about    Process
	born     time.Time
	addr     string
	behind   string // where the program listens, if it is not the laboratory's
	ready    chan struct{}
	placed   chan struct{} // closed when it stands under its name: until then it passes nothing
	gone     chan struct{}
	used     chan Usage // what it says when it is asked
	restarts int

	// Guarded by the cluster's mu.
	name     string // the service's, or fault.Old of it
	asleep   bool   // a zombie, until its successor is at rest
	foreign  bool   // a stranger's program: it speaks no pipe
	dead     bool
	buried   bool  // its process is gone, too, and its files are as its successor will find them
	ending   bool  // its COMMIT failed, or it was told to end: it is about to end itself
	told     bool  // whether it was told to end
	itself   bool  // whether it has ended itself
	quick    int   // lives before this one that ended themselves at once
	lost     *lost // what its write-ahead log holds only in memory
	powerCut bool
	serving  int   // requests
	writing  int   // commits that have begun, and that it has not told of yet
	found    int   // times that a process was told where it listens
	received int   // requests that have come
	synced   int64 // how much of the write-ahead log is forced to the disk; in bytes
}

// spawn starts a service's process and waits until it is ready.
func (c *Cluster) spawn(ctx context.Context, s lab.Service) (*process, error) {
	if s.Command != nil {
		return c.spawnForeign(ctx, s)
	}
	began := time.Now()
	environ := append(slices.Clone(c.variant.Environ),
		roleVariable+"="+role(c.variant, s), fileVariable+"="+c.file(s.Name),
		seedVariable+"="+c.seed[s.Name])
	if c.unwatched {
		environ = append(environ, unwatchedVariable+"=1")
	}
	cmd, pipe, stdin, err := begin(cmp.Or(s.Program, c.exe), environ...)
	if err != nil {
		return nil, err
	}
	p := &process{
		pipe: pipe, cluster: c, born: began, service: s, name: s.Name, cmd: cmd, stdin: stdin,
		about: Process{Service: s.Name, PID: cmd.Process.Pid},
		ready: make(chan struct{}), placed: make(chan struct{}), gone: make(chan struct{}),
		used: make(chan Usage, 1),
	}
	go p.listen()
	timeout := time.NewTimer(startTime)
	defer timeout.Stop()
	select {
	case <-p.ready:
		p.about.Startup = time.Since(began)
		return p, nil
	case <-p.gone:
		return nil, fmt.Errorf("the process ended before it was ready: %s", cmd.ProcessState)
	case <-timeout.C:
		err = fmt.Errorf("the process is not ready after %v", startTime)
	case <-ctx.Done():
		err = ctx.Err()
	}
	_ = cmd.Process.Kill() // an error means that it has ended
	<-p.gone
	return nil, err
}

// begin starts a program that is to be a service, with a pipe to it.
func begin(exe string, environment ...string) (*exec.Cmd, *pipe, io.Closer, error) {
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, nil, err
	}
	return cmd, newPipe(out, in), in, cmd.Start()
}

// listen takes what the process says until it has ended.
func (p *process) listen() {
	for {
		n, err := p.read()
		if err != nil {
			break
		}
		switch {
		case n.Stop != nil:
			go p.cluster.pass(p, n)
		case n.Find != "":
			answer := note{ID: n.ID}
			if answer.Addr, err = p.cluster.find(n.Find); err != nil {
				answer.Err = err.Error()
			}
			_ = p.write(answer) // an error means that it has ended
		case n.Used != nil:
			p.used <- *n.Used
		case n.Bye != nil:
			p.cluster.mu.Lock() // one that ends itself is still on the cluster's list
			p.about.Usage = *n.Bye
			p.cluster.mu.Unlock()
		case n.Addr != "":
			p.addr, p.about.Addr = n.Addr, n.Addr
			close(p.ready)
		}
	}
	_ = p.cmd.Wait() // how it ended, the laboratory knows: it was asked to, or killed, or failed
	close(p.gone)
	p.cluster.bury(p)
}

// end asks the process to end in good order, and kills it if it does not.
func (p *process) end() {
	if p.foreign {
		return
	}
	if p.behind != "" {
		_ = p.killProgram() // an error means that it has ended
		<-p.gone
		return
	}
	_ = p.write(note{End: true}) // an error means that it has ended
	timeout := time.NewTimer(endTime)
	defer timeout.Stop()
	select {
	case <-p.gone:
	case <-timeout.C:
		_ = p.cmd.Process.Kill()
		<-p.gone
	}
	_ = p.stdin.Close()
}

// kill ends the process at once. The caller holds the cluster's mu.
func (p *process) kill(powerCut bool) {
	p.dead, p.powerCut = true, powerCut
	if powerCut {
		delete(p.cluster.cutAtRest, p.service.Name)
	}
	_ = p.killProgram() // an error means that it has ended
}

// killProgram kills the process, and what a program that is not the laboratory's has started.
func (p *process) killProgram() error {
	if p.behind != "" {
		return program.Kill(p.cmd)
	}
	return p.cmd.Process.Kill()
}

// bury notes that a process has ended, and starts its successor.
func (c *Cluster) bury(p *process) {
	c.mu.Lock()
	current, old := c.processes[p.name] == p, c.zombie == p
	if p.about.Usage != (Usage{}) {
		c.ended = append(c.ended, p.about)
	}
	p.buried = true
	if p.powerCut {
		c.broken = errors.Join(c.broken, c.cutPower(p))
	}
	if current && !p.dead { // it was not killed
		p.dead, p.itself = true, true
		if !c.closing {
			c.noteEnd(p)
		}
		if state := p.cmd.ProcessState; c.unwatched && (!c.closing || !state.Success()) {
			c.broken = errors.Join(c.broken, fmt.Errorf("%s has died: %s", p.name, state))
		}
	}
	p.serving, p.writing = 0, 0
	if old {
		delete(c.processes, p.name) // it has a successor already
	}
	c.signal()
	again := current && !old && !c.closing && !c.stay
	if again {
		c.reviving.Add(1)
		defer c.reviving.Done()
	}
	c.mu.Unlock()
	if !again {
		return
	}
	if err := c.restart(p); err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.broken = errors.Join(c.broken, err)
		c.signal()
	}
}

// cutPower takes from a dead process's files what was not forced to the disk.
func (c *Cluster) cutPower(p *process) error {
	log := c.file(p.service.Name) + "-wal"
	if err := errors.Join(os.Truncate(log, p.synced), p.lost.zero(log)); err != nil {
		return fmt.Errorf("cut the power of %s: %w", p.service.Name, err)
	}
	p.lost = nil
	return nil
}

// restart starts a service again, on the files that its process left behind.
func (c *Cluster) restart(dead *process) error {
	c.mu.Lock()
	stay := c.stay
	c.mu.Unlock()
	if dead.restarts >= maxRestarts && !stay {
		return fmt.Errorf("%s has died %d times", dead.service.Name, maxRestarts+1)
	}
	if !c.backOff(dead) {
		return nil
	}
	c.files.Lock()
	defer c.files.Unlock()
	next, err := c.startAnew(dead)
	if err != nil {
		return fmt.Errorf("restart %s: %w", dead.service.Name, err)
	}
	next.restarts, next.quick = dead.restarts+1, dead.quick
	c.mu.Lock()
	defer c.mu.Unlock()
	c.director.Record(lab.Restarted(next.service, c.release))
	c.processes[dead.service.Name] = next
	close(next.placed)
	c.signal()
	return nil
}

// programOr is the program of that path, or this one.
func programOr(path string) (string, error) {
	if path != "" {
		return path, nil
	}
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return exe, nil
}
