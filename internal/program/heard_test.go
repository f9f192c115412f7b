package program

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLineOnATerminalGoesWhenThereIsSomethingToRead(t *testing.T) {
	var screen bytes.Buffer
	h := &heard{out: &screen, w: &screen, terminal: true}
	h.tick("… 2 s")
	h.tick("… 4 s")
	fmt.Fprintln(h, "ok")
	h.tick("… 6 s") // it has just spoken
	h.clear()
	require.Equal(t, "\r… 2 s\r… 4 s\r     \rok\n", screen.String())
}
