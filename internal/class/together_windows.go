package main

import (
	"os/exec"
	"strconv"
	"time"
)

// together has a command end with what it has started.
func together(cmd *exec.Cmd) { cmd.Cancel = func() error { return end(cmd) } }

// end kills a command, and what it has started.
func end(cmd *exec.Cmd) error {
	return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
}

// used is not known on Windows. There, only the step itself bounds its heap.
func used(int) (memory int64, took time.Duration) { return 0, 0 }
