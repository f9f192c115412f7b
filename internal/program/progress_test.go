package program_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/program"
)

func TestNothingIsSilentForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out, said bytes.Buffer
		watched, stop := program.Watch(&out, &said, "at work")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.Equal(t, "… 2 s (at work)\n", said.String())
		for range 5 { // it speaks by itself now
			fmt.Fprintln(watched, "a line")
			time.Sleep(time.Second)
		}
		synctest.Wait()
		require.Equal(t, "… 2 s (at work)\n", said.String(), "while the program spoke")
		stop()
		require.Equal(t, "a line\na line\na line\na line\na line\n", out.String())
	})
}

func TestProgressEnds(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		program.Progress(io.Discard, "at work")()
	})
}
