package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"example.com/dtx/ch03-transactions/isolation"
	"example.com/dtx/internal/servers"
	"example.com/dtx/lab"
)

// isolated measures which anomalies happen, on each database that this machine
// has, at each of its isolation levels.
func isolated(ctx context.Context, t *lab.Teller) (err error) {
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := tellIsolation(ctx, t, isolation.SQLite(dir)); err != nil {
		return err
	}
	if err := onServer(ctx, t, servers.Postgres, isolation.Postgres); err != nil {
		return err
	}
	return onServer(ctx, t, servers.MariaDB, isolation.MariaDB)
}

// onServer starts a server of its own, measures it, and stops it.
func onServer(
	ctx context.Context, t *lab.Teller,
	start func(context.Context) (*servers.Server, error),
	database func(open func() (*sql.DB, error)) isolation.Database,
) (err error) {
	server, err := start(ctx)
	if errors.Is(err, servers.ErrNotInstalled) {
		t.Say("Left out: %v.", err)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	return tellIsolation(ctx, t, database(server.Open))
}

func tellIsolation(ctx context.Context, t *lab.Teller, db isolation.Database) error {
	measured, err := isolation.Measure(ctx, db)
	if err != nil {
		return fmt.Errorf("measure %s: %w", db.Name, err)
	}
	t.Say("%s %s", measured.Database, measured.Version)
	t.Table(measured.Rows())
	return nil
}
