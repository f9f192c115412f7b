package main

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestProgramIsEndedAtItsLimit runs itself as a program that never ends by itself.
func TestProgramIsEndedAtItsLimit(t *testing.T) {
	switch os.Getenv("CLASS_PLAYS") {
	case "spins":
		for sum := 0; t.Context().Err() == nil; sum++ {
			_ = sum
		}
	case "hoards":
		var all []byte
		for t.Context().Err() == nil {
			all = append(all, make([]byte, 1<<20)...)
			time.Sleep(time.Millisecond)
		}
		require.Empty(t, all)
	}
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not tell what a process group uses")
	}
	for plays, l := range map[string]limits{
		"spins":  {time.Second, 1 << 40},
		"hoards": {time.Minute, 256 << 20},
	} {
		program := exec.CommandContext(t.Context(), os.Args[0], "-test.run="+t.Name())
		program.Env = append(os.Environ(), "CLASS_PLAYS="+plays)
		says := map[string]string{"spins": "the processor", "hoards": "256 MB of memory"}[plays]
		err := l.run(program)
		require.True(t, isLimit(err), "%s: %v", plays, err)
		require.ErrorContains(t, err, says)
		require.NotNil(t, program.ProcessState, "%s goes on", plays)
	}
}
