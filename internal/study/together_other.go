//go:build !unix

package study

import (
	"os/exec"
	"strconv"
)

// together ends go test with what it runs, which Windows does not see as one.
func together(test *exec.Cmd) {
	test.Cancel = func() error {
		return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(test.Process.Pid)).Run()
	}
}
