package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"

	_ "github.com/mattn/go-sqlite3" // the driver registers itself
)

// pool is a bounded number of connections. Those who find none free are served
// in the order in which they came; database/sql would serve them at random.
type pool struct {
	db     *sql.DB
	places chan struct{} // full when all connections are taken
	mu     sync.Mutex
	free   []*conn // open connections that are not taken
}

func newPool(path string, settings url.Values, n int) (*pool, error) {
	db, err := connect(path, settings, n)
	if err != nil {
		return nil, err
	}
	return &pool{db: db, places: make(chan struct{}, n)}, nil
}

// connect opens up to n connections. The busy timeout is 0: with one writer
// there is no other holder of the lock; if there is, it is a mistake to be seen at once.
func connect(path string, settings url.Values, n int) (*sql.DB, error) {
	if !settings.Has("_busy_timeout") {
		settings.Set("_busy_timeout", "0")
	}
	settings.Set("_stmt_cache_size", "64")
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	// A URI's path begins with a slash, on Windows too: file:///C:/shop/stock.db
	path = "/" + strings.TrimPrefix(filepath.ToSlash(path), "/")
	file := url.URL{Scheme: "file", Path: path, RawQuery: settings.Encode()}
	db, err := sql.Open("sqlite3", file.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxIdleConns(n)
	return db, nil
}

// readOnly are the settings of a reader. It makes no file where there is none.
func readOnly() url.Values { return url.Values{"_query_only": {"on"}, "mode": {"rw"}} }

// take waits for a connection, until ctx ends.
func (p *pool) take(ctx context.Context) (*conn, error) {
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c := p.pop(); c != nil {
		return c, nil
	}
	c, err := connection(ctx, p.db)
	if err != nil {
		<-p.places
	}
	return c, err
}

// pop returns the connection that was put back last; nil if there is none.
func (p *pool) pop() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.free) - 1
	if last < 0 {
		return nil
	}
	c := p.free[last]
	p.free = p.free[:last]
	return c
}

// put gives a connection back, or closes one that does not work.
func (p *pool) put(c *conn, works bool) {
	p.mu.Lock()
	if works {
		p.free = append(p.free, c)
	} else {
		_ = c.close()
	}
	p.mu.Unlock()
	<-p.places
}

// close waits until all connections are back. Those who still want one are told
// that the database is closed.
func (p *pool) close() error {
	for range cap(p.places) {
		p.places <- struct{}{}
	}
	var err error
	for c := p.pop(); c != nil; c = p.pop() {
		err = errors.Join(err, c.close())
	}
	err = errors.Join(err, p.db.Close())
	for range cap(p.places) {
		<-p.places
	}
	return err
}
