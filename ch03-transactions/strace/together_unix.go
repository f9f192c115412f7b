//go:build unix

package strace

import (
	"os/exec"
	"syscall"
)

// together puts strace and what it runs into a process group of their own, so
// that they end together, however far they have come.
func together(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
