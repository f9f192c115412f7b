package real_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"

	"example.com/dtx/lab/labtest"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

func TestMain(m *testing.M) {
	real.Child(toy.Chapter())
	switch os.Getenv(labtest.ParentVariable) {
	case "of a cluster":
		parent()
		return
	case "a program that is not ours":
		os.Exit(foreignTill())
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // runs fail on purpose
	sim.Main(m, toy.Chapter())
}

// parent runs the toy's services until it is killed, or its parent has gone.
func parent() {
	_, err := real.Start(context.Background(), toy.Variant(toy.None), real.Options{})
	fmt.Println("started:", err)
	_, _ = io.Copy(io.Discard, os.Stdin)
}
