// The course in the browser.
//
//	go run .
//	go run . replay FILE
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"example.com/dtx/internal/page"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run returns the exit code. It imports no chapter and no database, so that it
// needs no C compiler.
func run(ctx context.Context, args []string) int {
	return page.Main(ctx, args, os.Stdout, os.Stderr)
}
