// Package servers starts a private PostgreSQL and a private MariaDB from the
// programs that are installed on the machine.
//
// A server has a temporary directory of its own, listens on a socket in it and
// nowhere else, and runs without rights when this program runs as root. It is gone,
// with its files, when it is stopped, and also when this program dies, however
// it dies: see directory.go.
//
// The directory is made in os.TempDir, or in /tmp where that is closed to the
// server's user or too long for a socket's address.
package servers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	startTime = 30 * time.Second      // a server that is not ready by then will not be
	endTime   = 10 * time.Second      // nor will one that has not ended by then
	pollTime  = 10 * time.Millisecond // between two attempts to connect
)

var (
	// ErrNotInstalled is returned when the machine has no such server. The
	// error that wraps it says what to install.
	ErrNotInstalled = errors.New("not installed")
	// ErrNotOurs is returned by Kill and Start for a server that this package
	// did not start, because an environment variable names it.
	ErrNotOurs = errors.New("the server was running already: it is not ours to kill or start")
)

// Server is a database server. Its methods are called one after the other;
// its databases may be used all the while.
type Server struct {
	DSN string // its data source name, which stays the same over restarts

	kind kind
	exe  string // the server's program
	dir  *directory
	run  *process // its latest process
}

// start starts a server of a kind on new files, or finds the server that the
// environment names.
func start(ctx context.Context, k kind) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	s := &Server{DSN: os.Getenv(k.variable), kind: k}
	if s.DSN != "" {
		if err := s.ping(ctx); err != nil {
			return nil, fmt.Errorf("connect to the server in %s: %w", k.variable, err)
		}
		return s, nil
	}
	maker, exe, err := k.find()
	if err != nil {
		return nil, err
	}
	s.exe = exe
	if s.dir, err = newDirectory(ctx, k.make(maker)); err != nil {
		return nil, fmt.Errorf("make the files of %s: %w", k.name, err)
	}
	s.DSN = k.dsn(s.dir.path)
	if err := s.Start(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// Start starts the server again after Kill, on the same files and the same
// address, and returns when it answers. The context bounds the start, not the
// server's life. The error of a server that did not start holds the end of its
// log.
func (s *Server) Start(ctx context.Context) error {
	if s.dir == nil {
		return ErrNotOurs
	}
	if s.run != nil && !s.run.ended() {
		return fmt.Errorf("%s is running already", s.kind.name)
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	run, err := newProcess(s.dir, s.kind.end, s.kind.serve(s.exe, s.dir.path))
	if err != nil {
		return fmt.Errorf("start %s: %w", s.kind.name, err)
	}
	s.run = run
	if err := s.ready(ctx); err != nil {
		return fmt.Errorf("start %s: %w", s.kind.name, errors.Join(err, s.run.kill()))
	}
	return nil
}

// ready waits until the server answers.
func (s *Server) ready(ctx context.Context) error {
	tick := time.NewTicker(pollTime)
	defer tick.Stop()
	for {
		err := s.ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.run.gone:
			return fmt.Errorf("it ended before it was ready:\n%s", s.run.log.String())
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w: %w:\n%s", ctx.Err(), err, s.run.log.String())
		}
	}
}

func (s *Server) ping(ctx context.Context) error {
	db, err := s.Open()
	if err != nil {
		return err
	}
	return errors.Join(db.PingContext(ctx), db.Close())
}

// Open returns a pool of connections to the server, which the caller closes.
// It does not connect yet. An error means that the DSN in the environment
// cannot be read.
func (s *Server) Open() (*sql.DB, error) { return s.kind.open(s.DSN) }

// Kill ends the server as kill -9 does, with all of its processes, and returns
// when they are gone. Its files stay for Start. It does nothing to a server
// that has ended.
func (s *Server) Kill() error {
	if s.dir == nil {
		return ErrNotOurs
	}
	if err := s.run.kill(); err != nil {
		return fmt.Errorf("kill %s: %w", s.kind.name, err)
	}
	return nil
}

// Stop ends the server at once and removes its files. It does nothing to a
// server that this package did not start.
func (s *Server) Stop() error {
	if s.dir == nil {
		return nil
	}
	var err error
	if s.run != nil {
		err = s.run.end()
	}
	if err = errors.Join(err, s.dir.remove()); err != nil {
		return fmt.Errorf("stop %s: %w", s.kind.name, err)
	}
	return nil
}
