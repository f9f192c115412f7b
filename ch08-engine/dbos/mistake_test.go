package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/program"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/source"
)

// mistaken builds a worker with a mistake.
func mistaken(t *testing.T, name string) (m source.Mistake, worker string) {
	t.Helper()
	root, err := program.Root(".")
	require.NoError(t, err)
	mistakes, err := source.Mistakes(chapter(), root)
	require.NoError(t, err)
	i := slices.IndexFunc(mistakes, func(m source.Mistake) bool { return m.Name == name })
	require.NotEqual(t, -1, i, "no mistake %s", name)
	dir := t.TempDir()
	overlay, err := mistakes[i].Overlay(root, dir)
	require.NoError(t, err)
	worker = filepath.Join(dir, "worker")
	out, err := exec.CommandContext(t.Context(),
		"go", "build", "-overlay="+overlay, "-o", worker, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return mistakes[i], worker
}

func TestAFaultCatchesACompensationThatIsNotedAfterTheCall(t *testing.T) {
	if testing.Short() {
		t.Skip("a pause takes its real time")
	}
	b := newBench(t)
	m, program := mistaken(t, "compensation-after-the-call")
	plan, err := fault.Parse(m.With)
	require.NoError(t, err)
	t.Run("with the fault it breaks what its header says", func(t *testing.T) {
		t.Parallel()
		o, _ := b.playWith(t, program, "success", "", plan)
		require.Contains(t, invariants(o), m.Breaks)
	})
	t.Run("without a fault it breaks nothing", func(t *testing.T) {
		t.Parallel()
		o, _ := b.playWith(t, program, "success", "")
		require.Empty(t, o.Findings)
	})
	t.Run("without the mistake the fault breaks nothing", func(t *testing.T) {
		t.Parallel()
		o, _ := b.play(t, "success", "", plan)
		require.Empty(t, o.Findings)
		require.Empty(t, o.Unfired)
	})
}
