package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch02-python-vs-go/contract"
	"example.com/dtx/ch02-python-vs-go/target"
)

// TestTheContractIsKept runs the same checks for all: they do not know which
// language answers.
func TestTheContractIsKept(t *testing.T) {
	for _, i := range implementations(raceFlags...) {
		t.Run(i.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			found, err := i.find(t.Context(), here(t), dir)
			if errors.Is(err, target.ErrMissing) && os.Getenv("CI") == "" {
				t.Skip(err)
			}
			require.NoError(t, err)
			suite, err := contract.New(found, filepath.Join(here(t), "openapi.yaml"), dir)
			require.NoError(t, err)
			defer suite.Close()
			for _, check := range contract.Checks() {
				t.Run(check.Name, func(t *testing.T) {
					require.NoError(t, suite.Verify(t.Context(), check))
				})
			}
		})
	}
}

func here(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	return dir
}
