// The job service in Go: chi, SQLite, goroutines and channels.
//
//	JOBS_ADDR=127.0.0.1:7200 JOBS_DB=jobs.db go run ./ch02-python-vs-go/golang
//
// It says where it listens, and ends when its standard input is closed, or on
// Ctrl-C or SIGTERM.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until our parent process has gone
		stop()
	}()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "jobs:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done, or the outcome of a commit is unknown.
func run(ctx context.Context) (err error) {
	config, err := fromEnvironment()
	if err != nil {
		return err
	}
	db, err := sqlite.Open(ctx, sqlite.Config{Path: config.database, Schema: schema})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	listener, err := net.Listen("tcp", config.addr)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	service := newService(db, config)
	background := make(chan error, 1)
	go func() {
		background <- service.Run(ctx)
		end()
	}()
	fmt.Printf("jobs listen on http://%s\n", listener.Addr())
	err = httpapi.Serve(ctx, listener, service.routes())
	end()
	return errors.Join(err, <-background)
}
