package real

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/metrics"
	"sync"
	"syscall"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/boundary"
	"example.com/dtx/lab/fault"
)

// The environment of a process that is to be a service.
const (
	roleVariable      = "LAB_ROLE"      // e.g. "services/stock"
	fileVariable      = "LAB_FILE"      // its database
	seedVariable      = "LAB_SEED"      // statements that make more rows in a new one
	unwatchedVariable = "LAB_UNWATCHED" // if set, the laboratory stands at no boundary
)

// Child runs a service and does not return, if this process was started to be
// one. A chapter's program and its tests call it first: the laboratory starts
// the services by running its own program again.
func Child(c lab.Chapter) {
	role := os.Getenv(roleVariable)
	if role == "" {
		return
	}
	signal.Ignore(os.Interrupt) // Ctrl-C is for the laboratory, which then ends its services
	// The laboratory may have gone without a word, and left the database to be removed.
	signal.Ignore(syscall.SIGPIPE)
	p := newPipe(os.Stdin, os.Stdout)
	os.Stdout = os.Stderr // what a service prints must not get into the pipe
	slog.SetDefault(slog.New(slog.DiscardHandler))
	if err := serveRole(c, role, p); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", role, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child is the laboratory as a service's process sees it.
type child struct {
	*pipe
	unwatched bool // whether it stands at no boundary
	mu        sync.Mutex
	asked     int
	waiting   map[int]chan note
	db        *sqlite.DB
}

func serveRole(c lab.Chapter, role string, p *pipe) error {
	service, err := withRole(c, role)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(context.Background())
	defer end()
	unwatched := os.Getenv(unwatchedVariable) != ""
	l := &child{pipe: p, unwatched: unwatched, waiting: map[int]chan note{}}
	go l.listen(end)
	defer endOn(syscall.SIGTERM, end)()

	db, err := l.open(ctx, service)
	if err != nil {
		return err
	}
	var failed <-chan struct{}
	if db != nil {
		failed = db.Failed()
	}
	program, err := service.Build(ctx, db, os.Getenv(fileVariable), l.client(service.Name))
	if err != nil {
		return err
	}
	err = l.serve(ctx, end, failed, program, l.handler(service.Name, program))
	usage := l.used()
	if db != nil {
		err = errors.Join(err, db.Close())
	}
	return errors.Join(err, l.write(note{Bye: usage}))
}

// open opens the service's database, if it has one.
func (l *child) open(ctx context.Context, s lab.Service) (*sqlite.DB, error) {
	if !s.HasDatabase() {
		return nil, nil
	}
	config := sqlite.Config{
		Path:   os.Getenv(fileVariable),
		Schema: s.Schema + "\n;" + os.Getenv(seedVariable),
		Gate:   l.gate(s.Name),
	}
	db, err := boundary.Open(ctx, s.Upgrade, config)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.db = db
	return db, err
}

// used tells what the service has used so far.
func (l *child) used() *Usage {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := &Usage{Memory: memory(), Processor: processor()}
	if l.db != nil {
		u.Forced = l.db.Forced()
	}
	return u
}

// serve answers requests and does the background work until the laboratory
// ends it, or a commit's outcome is unknown.
func (l *child) serve(
	ctx context.Context, end func(), failed <-chan struct{}, program, handler http.Handler,
) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	go func() {
		select {
		case <-failed:
			end()
		case <-ctx.Done():
		}
	}()
	var background error
	var work sync.WaitGroup
	if r, ok := program.(lab.Runner); ok {
		work.Go(func() {
			background = r.Run(ctx)
			end()
		})
	}
	if err := l.write(note{Addr: listener.Addr().String()}); err != nil {
		return err
	}
	err = httpapi.Serve(ctx, listener, handler)
	end()
	work.Wait()
	return errors.Join(err, background)
}

// listen takes the laboratory's answers. When the laboratory has gone without
// a word, so does the service.
func (l *child) listen(end func()) {
	for {
		n, err := l.read()
		if err != nil {
			abandon(os.Getenv(fileVariable))
			os.Exit(1)
		}
		switch {
		case n.End:
			end()
			continue
		case n.Count:
			_ = l.write(note{Used: l.used()}) // an error means that the laboratory has gone
			continue
		}
		l.mu.Lock()
		answer := l.waiting[n.ID]
		delete(l.waiting, n.ID)
		l.mu.Unlock()
		if answer != nil {
			answer <- n
		}
	}
}

// abandon removes a database that no service will come back for. The last service
// to do so removes the empty directory, too.
func abandon(file string) {
	for _, name := range []string{file, file + "-wal", file + "-shm", file + "-open"} {
		_ = os.RemoveAll(name) // an error means that it is in use
	}
	_ = os.Remove(filepath.Dir(file)) // an error means that another service is still there
}

// ask sends a note and waits for its answer.
func (l *child) ask(n note) (note, error) {
	answer := make(chan note, 1)
	l.mu.Lock()
	l.asked++
	n.ID = l.asked
	l.waiting[n.ID] = answer
	l.mu.Unlock()
	if err := l.write(n); err != nil {
		return note{}, err
	}
	return <-answer, nil
}

// Pass is part of boundary.Lab. A process that is to die at the stop is killed
// while it waits here.
func (l *child) Pass(_ context.Context, s fault.Stop) (fault.Ruling, error) {
	n, err := l.ask(note{Stop: &s})
	if err != nil || n.Ruling == nil {
		return fault.Ruling{}, errors.Join(errors.New("no ruling"), err)
	}
	return *n.Ruling, nil
}

// find asks where a service listens.
func (l *child) find(name string) (string, error) {
	n, err := l.ask(note{Find: name})
	if err == nil && n.Err != "" {
		err = errors.New(n.Err)
	}
	return n.Addr, err
}

// finder tells where a service listens.
type finder func(name string) (addr string, err error)

// dial connects to a service under its name.
func (find finder) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	name, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if addr, err = find(name); err != nil {
		return nil, err
	}
	var d net.Dialer
	return d.DialContext(ctx, network, addr)
}

// callTime is the bound for a call that sets none.
const callTime = 2 * fault.Long

// httpClient is a client whose requests pass the laboratory. It uses each
// connection once: net/http repeats a request by itself when a connection that
// it had kept turns out to be broken, and here every repetition is to be seen.
func httpClient(l boundary.Lab, service string, find finder) *http.Client {
	next := &http.Transport{DialContext: find.dial, DisableKeepAlives: true}
	return &http.Client{
		Transport: boundary.Transport{Lab: l, Service: service, Next: next},
		Timeout:   callTime,
	}
}

// memory returns what the Go runtime has from the operating system, in bytes.
func memory() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
