//go:build unix

package program

import (
	"os/exec"
	"syscall"
)

// Together puts a command and what it starts into a process group of their own. When the
// command's context ends, all of it is killed.
func Together(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return Kill(cmd) }
}

// Kill kills a command that has been put Together, and what it has started.
func Kill(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
