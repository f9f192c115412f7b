package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch02-python-vs-go/contract"
	"example.com/dtx/ch02-python-vs-go/target"
	"example.com/dtx/lab/source"
)

// TestEachClassicMistakeIsCaught checks that each mistake breaks what its header
// says, and nothing else but what the header leaves to chance. What takes a
// process or more of its own, and should not break, is tried under CI only.
func TestEachClassicMistakeIsCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the mistakes out: each goes through the whole contract")
	}
	t.Parallel()
	root := filepath.Dir(here(t))
	list, err := source.Mistakes(chapter(), root)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(list), 5)
	for _, m := range list {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			broken, err := withMistake(t.Context(), m, root, dir)
			if errors.Is(err, target.ErrMissing) && os.Getenv("CI") == "" {
				t.Skip(err)
			}
			require.NoError(t, err)
			suite, err := contract.New(broken, filepath.Join(here(t), "openapi.yaml"), dir)
			require.NoError(t, err)
			defer suite.Close()
			var must, may, caught []string
			for part := range strings.SplitSeq(m.Breaks, "; ") {
				if part, luck := strings.CutPrefix(part, "perhaps "); luck {
					may = append(may, part)
				} else {
					must = append(must, part)
				}
			}
			for _, check := range contract.Checks() {
				concerned := slices.Contains(must, check.Name) || slices.Contains(may, check.Name)
				if check.AboutOthers || check.Slow && !concerned && os.Getenv("CI") == "" {
					continue
				}
				if err := suite.Verify(t.Context(), check); err != nil {
					t.Logf("%s: %v", check.Name, err)
					if !slices.Contains(may, check.Name) {
						caught = append(caught, check.Name)
					}
				}
			}
			require.ElementsMatch(t, must, caught, "what its header says, and what it breaks")
		})
	}
}
