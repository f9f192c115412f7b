// The course in the browser. `go run .` builds and runs it.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"example.com/dtx/course/page"
	"example.com/dtx/course/study"
)

func main() {
	ctx, end := context.WithCancel(context.Background())
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer end()
	defer stop()
	if os.Getenv(study.ParentVariable) != "" {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // it ends when our parent does, however that dies
			end()
		}()
	}
	os.Exit(page.Main(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
