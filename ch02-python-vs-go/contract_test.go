package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch02-python-vs-go/contract"
	"example.com/dtx/ch02-python-vs-go/target"
)

// The same checks for all: they do not know which language answers.
func TestTheContractIsKept(t *testing.T) {
	for name, find := range implementations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			implementation, err := find(t.Context(), here(t), dir)
			if errors.Is(err, target.ErrMissing) && os.Getenv("CI") == "" {
				t.Skip(err)
			}
			require.NoError(t, err)
			suite, err := contract.New(implementation, filepath.Join(here(t), "openapi.yaml"), dir)
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

type finder func(ctx context.Context, chapter, dir string) (target.Target, error)

func implementations() map[string]finder {
	return map[string]finder{
		target.Go:     func(ctx context.Context, chapter, dir string) (target.Target, error) { return target.NewGo(ctx, chapter, dir, raceFlags...) },
		target.Stdlib: target.NewStdlib,
		target.FastAPI: func(ctx context.Context, chapter, dir string) (target.Target, error) {
			return target.NewFastAPI(ctx, chapter, dir, 1)
		},
	}
}

func here(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	return dir
}
