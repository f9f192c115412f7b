package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// errEnds is returned by a service that has to end: after a commit whose outcome is
// unknown, only its successor can read from the file what is true.
var errEnds = errors.New("the outcome of a commit is unknown, so this process ends; " +
	"the next one reads from its file what is true: start it again")

// served is a service that runs without the laboratory.
type served struct {
	lab.Service
	listener net.Listener
	folder   string     // its data, if it has no database
	db       *sqlite.DB // nil if it has none
}

// prepare takes a service's address and opens its database, whose mark says whose it
// is and of which release.
func prepare(
	ctx context.Context, c lab.Chapter, v lab.Variant, s lab.Service, address, dir string,
) (*served, error) {
	p := &served{Service: s, folder: filepath.Join(dir, s.Name)}
	var err error
	if p.listener, err = net.Listen("tcp", address); err != nil {
		return nil, fmt.Errorf("%s: %w\nis it running already, in another terminal?", s.Name, err)
	}
	if !s.HasDatabase() {
		return p, nil
	}
	p.db, err = sqlite.Open(ctx, sqlite.Config{
		Path: filepath.Join(dir, s.Name+".db"), Schema: s.Schema,
		Mark: sqlite.NewMark(c.Name+"/"+v.Name+"/"+s.Name, s.Schema),
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", s.Name, err), p.listener.Close())
	}
	return p, nil
}

// runAll runs services until ctx is done, or one of them ends: one without the others
// is of no use.
func runAll(ctx context.Context, list []*served, client *http.Client) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	failed := make([]error, len(list))
	var wg sync.WaitGroup
	for i, p := range list {
		wg.Go(func() {
			defer end()
			failed[i] = p.run(ctx, client)
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}

func closeAll(list []*served) (err error) {
	for _, p := range list {
		if closed := p.listener.Close(); !errors.Is(closed, net.ErrClosed) {
			err = errors.Join(err, closed)
		}
		if p.db != nil {
			err = errors.Join(err, p.db.Close())
		}
	}
	return err
}

// run is a service's life.
func (p *served) run(ctx context.Context, client *http.Client) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	if p.db != nil {
		go func() {
			select {
			case <-p.db.Failed():
				end(fmt.Errorf("%s: %w", p.Name, errEnds))
			case <-ctx.Done():
			}
		}()
	}
	program, err := p.Build(ctx, p.db, p.folder, client)
	if err != nil {
		return err
	}
	var background error
	var wg sync.WaitGroup
	if r, ok := program.(lab.Runner); ok {
		wg.Go(func() { defer end(nil); background = r.Run(ctx) })
	}
	err = httpapi.Serve(ctx, p.listener, program)
	end(nil)
	wg.Wait()
	if cause := context.Cause(ctx); errors.Is(cause, errEnds) {
		return cause // of all else that may have failed
	}
	return errors.Join(err, background)
}
