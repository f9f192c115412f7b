package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// serveTimeout bounds a request between services that were started by hand.
const serveTimeout = 30 * time.Second

// serve runs the services that were asked for, in this process, without the
// laboratory, until ctx is done. Each listens on its own port, so that several
// of these programs find one another.
func (c Chapter) serve(ctx context.Context, t *Teller, v Variant, cmd command) (err error) {
	services, err := named(v, cmd.names)
	if err != nil {
		return usageError{err}
	}
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return fmt.Errorf("make a directory for the databases: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	ctx, end := context.WithCancel(ctx)
	defer end()
	failed := make([]error, len(services))
	var all sync.WaitGroup
	listeners, err := listen(services)
	if err != nil {
		return err
	}
	for i, s := range services {
		all.Go(func() {
			defer end() // one without the others is of no use
			failed[i] = s.run(ctx, listeners[i], filepath.Join(dir, s.Name+".db"), v.peers())
		})
		t.Say("%-10s http://127.0.0.1:%d", s.Name, s.Port)
	}
	t.Say("\nTry it, in another terminal:\n")
	for _, line := range v.Try {
		t.Say("    %s", line)
	}
	t.Say("\nCtrl-C ends it.")
	all.Wait()
	return errors.Join(failed...)
}

// named picks services by name; no name means all.
func named(v Variant, names []string) ([]Service, error) {
	if len(names) == 0 {
		return v.Services, nil
	}
	var list []Service
	for _, name := range names {
		i := slices.IndexFunc(v.Services, func(s Service) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("the variant %s has no service %q; it has: %s", v.Name, name, strings.Join(v.Columns()[1:], ", "))
		}
		list = append(list, v.Services[i])
	}
	return list, nil
}

// listen takes the ports of all services, or none.
func listen(services []Service) (list []net.Listener, err error) {
	for _, s := range services {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", s.Port))
		if err != nil {
			for _, open := range list {
				_ = open.Close()
			}
			return nil, fmt.Errorf("%s: %w\nis it running already, in another terminal?", s.Name, err)
		}
		list = append(list, l)
	}
	return list, nil
}

// run is a service's life.
func (s Service) run(ctx context.Context, l net.Listener, file string, client *http.Client) (err error) {
	var db *sqlite.DB
	if s.Schema != "" {
		if db, err = sqlite.Open(ctx, sqlite.Config{Path: file, Schema: s.Schema}); err != nil {
			return errors.Join(err, l.Close())
		}
		defer func() { err = errors.Join(err, db.Close()) }()
	}
	program := s.New(db, client)
	ctx, end := context.WithCancel(ctx)
	defer end()
	var background error
	var work sync.WaitGroup
	if r, ok := program.(Runner); ok {
		work.Go(func() { defer end(); background = r.Run(ctx) })
	}
	err = httpapi.Serve(ctx, l, program)
	end()
	work.Wait()
	return errors.Join(err, background)
}

// peers is a client that finds the services at their ports.
func (v Variant) peers() *http.Client {
	return &http.Client{Timeout: serveTimeout, Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			name, _, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(v.Services, func(s Service) bool { return s.Name == name })
			if i < 0 {
				return nil, fmt.Errorf("no service %q", name)
			}
			var d net.Dialer
			return d.DialContext(ctx, network, fmt.Sprintf("127.0.0.1:%d", v.Services[i].Port))
		},
	}}
}
