package lab_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/source"
)

// TestEachMistakeOfTheCourseApplies says in a second what the chapters' own tests say in
// minutes: the code has moved under a patch.
func TestEachMistakeOfTheCourseApplies(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("../ch*/mistakes")
	require.NoError(t, err)
	require.NotEmpty(t, folders)
	for _, folder := range folders {
		c := lab.Chapter{Name: filepath.Base(filepath.Dir(folder))}
		list, err := source.Mistakes(c, "..")
		require.NoError(t, err)
		for _, m := range list {
			_, err := m.Overlay("..", t.TempDir())
			require.NoError(t, err, "%s: %s", c.Name, m.Name)
		}
	}
}
