package load_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"testing"

	"example.com/dtx/lab"
	"example.com/dtx/lab/labtest"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

func TestMain(m *testing.M) {
	real.Child(chapter())
	if os.Getenv(labtest.ParentVariable) != "" {
		parentOfLoad()
		return
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // runs fail on purpose
	sim.Main(m, chapter())
}

// parentOfLoad drives one until it is killed, or interrupted.
func parentOfLoad() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	l := loadOf(toy.Variant(toy.None), 4, 100000)
	l.Order = func(i int) lab.Order {
		if i == 20 {
			fmt.Println("started: <nil>")
		}
		return by("zoe")(i)
	}
	_, err := l.Drive(ctx)
	fmt.Println("ended:", err)
	os.Exit(1)
}
