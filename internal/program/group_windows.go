package program

import (
	"os/exec"
	"strconv"
)

// Together has a command end with what it has started when its context ends.
func Together(cmd *exec.Cmd) { cmd.Cancel = func() error { return Kill(cmd) } }

// Kill kills a command, and what it has started.
func Kill(cmd *exec.Cmd) error {
	return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
}
