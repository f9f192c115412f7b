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
	modules, err := filepath.Glob("../ch*/*/go.mod") // inside the course
	require.NoError(t, err)
	require.NotEmpty(t, modules)
	for _, folder := range append(folders, modules...) {
		name, err := filepath.Rel("..", filepath.Dir(folder))
		require.NoError(t, err)
		c := lab.Chapter{Name: filepath.ToSlash(name)}
		list, err := source.Mistakes(c, "..")
		require.NoError(t, err)
		for _, m := range list {
			if _, err := m.Overlay("..", t.TempDir()); err != nil {
				t.Errorf("%s: %s: %s", c.Name, m.Name, err)
			}
		}
	}
}
