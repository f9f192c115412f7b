package main

import (
	"os/exec"
	"strconv"
)

// together has a command end with what it has started.
func together(cmd *exec.Cmd) { cmd.Cancel = func() error { return end(cmd) } }

// end kills a command, and what it has started.
func end(cmd *exec.Cmd) error {
	return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
}

// resident is not known on Windows. There, only the step itself bounds its heap.
func resident(int) int64 { return 0 }
