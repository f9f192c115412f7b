// The course: in the browser, and what to do next.
//
//	go run . break
//	go run .
//	go run . start 4
//
// It imports no chapter, no database and no HTTP, so that it needs no C compiler and
// is built in seconds: it builds the page and the chapters as programs, and says so.
package main

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"example.com/dtx/course/study"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run returns the exit code.
func run(ctx context.Context, args []string) int {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") || args[0] == "replay" {
		return study.Browse(ctx, args, os.Stdout, os.Stderr)
	}
	return study.Main(ctx, args, os.Stdout, os.Stderr)
}
