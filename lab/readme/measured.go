package readme

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// Measured reads what a long measurement has left in a file. A lesson tells it without
// measuring again.
func Measured[T any](t *testing.T, file string) (measured T) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &measured))
	return measured
}

// SaveMeasured writes what was measured to a file, if UPDATE is set.
func SaveMeasured(t testing.TB, file string, measured any) {
	t.Helper()
	if !updating() {
		return
	}
	text, err := json.MarshalIndent(measured, "", "\t")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append(text, '\n'), 0o644))
}
