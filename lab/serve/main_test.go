package serve_test

import (
	"os"
	"testing"

	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/labtest"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

func TestMain(m *testing.M) {
	if os.Getenv(labtest.ParentVariable) != "" {
		os.Exit(cli.Main(toy.Chapter()))
	}
	sim.Main(m, toy.Chapter())
}
