package seal_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/course/seal"
)

func TestVerdictNeedsTheKey(t *testing.T) {
	dir := t.TempDir()
	s := seal.New(dir)
	require.False(t, s.Passed(1), "no verdict was written")
	require.NoError(t, seal.New(dir).Pass(1))
	require.False(t, s.Passed(1), "the verdict was written with another key")
	require.NoError(t, s.Pass(1))
	require.True(t, s.Passed(1))
}

func TestVerdictOfOneStepIsNoneOfAnother(t *testing.T) {
	s := seal.New(t.TempDir())
	require.NoError(t, s.Pass(1))
	first := filepath.Join(s.Dir, "step-1.passed")
	require.NoError(t, os.Rename(first, filepath.Join(s.Dir, "step-2.passed")))
	require.False(t, s.Passed(2), "the file of step 1 under the name of step 2")
}
