// The course in the browser. It imports no chapter and no database: it builds
// the chapters when somebody looks at them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"example.com/dtx/internal/page"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return page.Main(ctx, args, os.Stdout, os.Stderr)
}
