// The course: what to do next, and your own work on it.
//
//	go run . start 4
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"example.com/dtx/internal/study"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run returns the exit code. It imports no chapter and no database, so that it
// needs no C compiler.
func run(ctx context.Context, args []string) int {
	if len(args) == 0 {
		args = []string{"help"} // the place for the course in the browser
	}
	return study.Main(ctx, args, os.Stdout, os.Stderr)
}
