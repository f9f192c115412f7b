// The course: in the browser, and what to do next.
//
//	go run .
//	go run . start 4
//
// It imports no chapter and no database, so that it needs no C compiler: it runs
// the chapters as programs.
package main

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"example.com/dtx/internal/page"
	"example.com/dtx/internal/study"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run returns the exit code.
func run(ctx context.Context, args []string) int {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") || args[0] == "replay" {
		return page.Main(ctx, args, os.Stdout, os.Stderr)
	}
	return study.Main(ctx, args, os.Stdout, os.Stderr)
}
