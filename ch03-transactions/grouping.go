package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// grouped is what clients who all wait for their answers got done.
type grouped struct {
	Clients, Updates int
	Forced           int64
	Took             time.Duration
}

// group lets clients update one database, each n times, as fast as they are
// answered.
func group(ctx context.Context, file string, clients, n int) (g grouped, err error) {
	db, err := sqlite.Open(ctx, sqlite.Config{Path: file, Schema: `
		CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;
		INSERT INTO counters VALUES (1, 0)`})
	if err != nil {
		return g, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	failed := make([]error, clients)
	var all sync.WaitGroup
	began := time.Now()
	for i := range clients {
		all.Go(func() {
			for range n {
				failed[i] = errors.Join(failed[i], db.Update(ctx, func(tx *sqlite.Tx) error {
					_, err := tx.Exec("UPDATE counters SET n = n + 1 WHERE id = 1")
					return err
				}))
			}
		})
	}
	all.Wait()
	return grouped{clients, clients * n, db.Forced(), time.Since(began)}, errors.Join(failed...)
}

// grouping shows what a shared forced write saves.
func grouping(ctx context.Context, t *lab.Teller) (err error) {
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	rows := [][]string{{
		"clients", "updates", "forced writes", "updates for each", "updates a second",
	}}
	for _, clients := range []int{1, 16, 64} {
		g, err := group(ctx, filepath.Join(dir, fmt.Sprintf("%d.db", clients)), clients, 100)
		if err != nil {
			return err
		}
		rows = append(rows, []string{
			fmt.Sprint(g.Clients), fmt.Sprint(g.Updates), fmt.Sprint(g.Forced),
			fmt.Sprintf("%.1f", float64(g.Updates)/float64(g.Forced)),
			fmt.Sprintf("%.0f", float64(g.Updates)/g.Took.Seconds()),
		})
	}
	t.Table(rows)
	return nil
}
