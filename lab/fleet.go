package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// fleet is a variant's services in plain processes, each on a database of its own.
type fleet struct {
	exe     string
	dir     string
	variant Variant
	client  *http.Client
	lost    context.CancelCauseFunc // called when a service ends unasked

	mu      sync.Mutex // guards what follows
	members map[string]*member
	ending  bool
}

// member is a service's plain process.
type member struct {
	*pipe
	name  string
	cmd   *exec.Cmd
	stdin io.Closer
	addr  string
	ready chan struct{}
	used  chan Usage
	gone  chan struct{}
}

// sail starts a load's services. If one ends before close, lost is called.
func (l Load) sail(ctx context.Context, lost context.CancelCauseFunc) (f *fleet, err error) {
	f = &fleet{variant: l.Variant, lost: lost, members: map[string]*member{}}
	f.client = plainClient(f.find)
	if f.exe, err = programOr(l.Program); err != nil {
		return nil, err
	}
	if f.dir, err = os.MkdirTemp(disk(), "dtx"); err != nil {
		return nil, fmt.Errorf("make a directory for the databases: %w", err)
	}
	started := make([]error, len(l.Variant.Services))
	var all sync.WaitGroup
	for i, s := range l.Variant.Services {
		all.Go(func() { started[i] = f.launch(ctx, s, l.Seed[s.Name]) })
	}
	all.Wait()
	err = errors.Join(started...)
	if ctx.Err() != nil {
		err = context.Cause(ctx) // why all were given up
	}
	if err != nil {
		return nil, errors.Join(err, f.close(true))
	}
	return f, nil
}

func (f *fleet) file(service string) string { return filepath.Join(f.dir, service+".db") }

// launch starts a service and waits until it is ready.
func (f *fleet) launch(ctx context.Context, s Service, seed string) error {
	environ := append(slices.Clone(f.variant.Environ), plainVariable+"=1",
		roleVariable+"="+s.role(f.variant), fileVariable+"="+f.file(s.Name), seedVariable+"="+seed)
	cmd, pipe, stdin, err := begin(cmp.Or(s.Program, f.exe), environ...)
	if err != nil {
		return fmt.Errorf("start %s: %w", s.Name, err)
	}
	m := &member{
		pipe: pipe, name: s.Name, cmd: cmd, stdin: stdin,
		ready: make(chan struct{}), used: make(chan Usage, 1), gone: make(chan struct{}),
	}
	f.mu.Lock()
	f.members[s.Name] = m
	f.mu.Unlock()
	go f.listen(m)
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	select {
	case <-m.ready:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("start %s: %w", s.Name, ctx.Err())
	}
}

// listen takes what a service says until it has ended.
func (f *fleet) listen(m *member) {
	for {
		n, err := m.read()
		if err != nil {
			break
		}
		switch {
		case n.Find != "":
			answer := note{ID: n.ID}
			if answer.Addr, err = f.find(n.Find); err != nil {
				answer.Err = err.Error()
			}
			_ = m.write(answer) // an error means that it has ended
		case n.Used != nil:
			m.used <- *n.Used
		case n.Addr != "":
			f.mu.Lock()
			m.addr = n.Addr
			f.mu.Unlock()
			close(m.ready)
		}
	}
	_ = m.cmd.Wait() // how it ended, its state says
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.ending:
	case m.addr == "":
		f.lost(fmt.Errorf("%s does not start: %s", m.name, m.cmd.ProcessState))
	default:
		f.lost(fmt.Errorf("%s has died under the load: %s", m.name, m.cmd.ProcessState))
	}
	close(m.gone)
}

// find returns where a service listens.
func (f *fleet) find(name string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m := f.members[name]; m != nil && m.addr != "" {
		return m.addr, nil
	}
	return "", fmt.Errorf("%s: connection refused", name)
}

// forced asks every service how many commits it has forced to the disk.
func (f *fleet) forced(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	for _, s := range f.variant.Services {
		m := f.members[s.Name]
		_ = m.write(note{Count: true}) // an error means that it has ended
		select {
		case u := <-m.used:
			counts[s.Name] = u.Forced
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return counts, nil
}

// stuck lists what the services' databases say is still to be done.
func (f *fleet) stuck(ctx context.Context) ([]string, error) {
	v := Variant{}
	for _, s := range f.variant.Services {
		s.Queries = Queries{Stuck: s.Queries.Stuck} // the rest of it is long after a load
		v.Services = append(v.Services, s)
	}
	l, err := ReadLedger(ctx, v, Files(f.file))
	return l.Stuck, err
}

// close ends every service, at once or in good order, and removes their files.
func (f *fleet) close(atOnce bool) error {
	f.mu.Lock()
	f.ending = true
	f.mu.Unlock()
	f.client.CloseIdleConnections()
	var all sync.WaitGroup
	ended := make([]error, len(f.variant.Services))
	for i, s := range f.variant.Services {
		if m := f.members[s.Name]; m != nil {
			all.Go(func() { ended[i] = m.end(atOnce) })
		}
	}
	all.Wait()
	return errors.Join(errors.Join(ended...), os.RemoveAll(f.dir))
}

// end asks the process to end in good order, and kills it if it does not, or
// if that takes too long for its master.
func (m *member) end(atOnce bool) error {
	defer m.stdin.Close()
	if !atOnce {
		_ = m.write(note{End: true}) // an error means that it has ended
		timeout := time.NewTimer(endTime)
		defer timeout.Stop()
		select {
		case <-m.gone:
			if !m.cmd.ProcessState.Success() {
				return fmt.Errorf("%s: %s", m.name, m.cmd.ProcessState)
			}
			return nil
		case <-timeout.C:
		}
	}
	_ = m.cmd.Process.Kill() // an error means that it has ended
	<-m.gone
	return nil
}
