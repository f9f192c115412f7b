package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "github.com/mattn/go-sqlite3" // the driver registers itself
)

// pool is a bounded number of connections. Those who find none free are served
// in the order in which they came; database/sql would serve them at random.
type pool struct {
	*sql.DB
	places chan struct{} // full when all connections are taken
}

func newPool(path string, settings url.Values, n int) (*pool, error) {
	db, err := connect(path, settings, n)
	if err != nil {
		return nil, err
	}
	return &pool{DB: db, places: make(chan struct{}, n)}, nil
}

// connect opens up to n connections. The busy timeout is 0: with one writer
// nobody else holds the lock, and whoever does is a mistake to be seen at once.
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
	file := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(path), "/"), RawQuery: settings.Encode()}
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
func (p *pool) take(ctx context.Context) (*sql.Conn, error) {
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	conn, err := p.Conn(ctx)
	if err != nil {
		<-p.places
	}
	return conn, err
}

// put gives a connection back. It waits until the rows left open on it are closed.
func (p *pool) put(conn *sql.Conn) {
	_ = conn.Close()
	<-p.places
}

// close waits until all connections are back. Those who still want one are told
// that the database is closed.
func (p *pool) close() error {
	for range cap(p.places) {
		p.places <- struct{}{}
	}
	err := p.Close()
	for range cap(p.places) {
		<-p.places
	}
	return err
}
