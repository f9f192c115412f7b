//go:build unix

package study

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCtrlCDoesNotReachTheTestsByItself(t *testing.T) {
	test := goTest(t.Context(), ".", "-list=none")
	require.NotNil(t, test.SysProcAttr)
	require.True(t, test.SysProcAttr.Setpgid, "a terminal interrupts it, and it says FAIL")
}

func TestNothingIsSaidAfterCtrlC(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var said bytes.Buffer
	fmt.Fprintln(until{ctx, &said}, "ok")
	stop()
	fmt.Fprintln(until{ctx, &said}, "FAIL")
	require.Equal(t, "ok\n", said.String())
}
