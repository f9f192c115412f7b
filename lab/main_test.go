package lab_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/sim"
	"example.com/dtx/lab/toy"
)

// parentVariable makes this program the parent that a test kills.
const parentVariable = "LAB_TEST_PARENT"

func TestMain(m *testing.M) {
	lab.Child(chapter())
	switch os.Getenv(parentVariable) {
	case "of a cluster":
		parent()
		return
	case "of a page":
		os.Exit(lab.Main(chapter()))
	case "a program that is not ours":
		os.Exit(foreignTill())
	case "of a load":
		parentOfLoad()
		return
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // runs fail on purpose
	sim.Main(m, chapter())
}

// parent runs the toy's services until it is killed, or its parent has gone.
func parent() {
	_, err := lab.Start(context.Background(), toy.Variant(toy.None), lab.Options{})
	fmt.Println("started:", err)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// parentOfLoad drives one until it is killed, or interrupted.
func parentOfLoad() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	l := load(toy.Variant(toy.None), 4, 100000)
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

// ownTemp gives a test, and the processes that it starts, a directory of its own
// for temporary files.
func ownTemp(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} { // the last two are Windows'
		t.Setenv(name, dir)
	}
	return dir
}

// empty fails if something is left in a directory.
func empty(t *testing.T, dir, after string) {
	t.Helper()
	var left []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if path != dir {
			left = append(left, path)
		}
		return err
	}))
	require.Empty(t, left, "temporary files after %s", after)
}

// scenario returns one of the toy's situations.
func scenario(t *testing.T, name string) lab.Scenario {
	t.Helper()
	s, err := toy.Chapter().Scenario(name)
	require.NoError(t, err)
	return s
}
