// What a teacher does with the course: grade a class, and make a copy for students.
// `go run . grade` and `go run . handout` build and run this program.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	do := map[string]func(context.Context, []string, io.Writer) error{
		"grade": grade, "handout": handout,
	}
	if len(args) == 0 || do[args[0]] == nil {
		fmt.Fprintln(stderr, "go run . grade DIR… or go run . handout DIR")
		return 2
	}
	if err := do[args[0]](ctx, args[1:], stdout); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}
