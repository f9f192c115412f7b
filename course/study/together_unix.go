//go:build unix

package study

import (
	"os/exec"
	"syscall"
)

// together puts go test and what it runs into a process group of their own: go
// itself would leave an exercise's test running when it is interrupted.
func together(test *exec.Cmd) {
	test.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	test.Cancel = func() error { return syscall.Kill(-test.Process.Pid, syscall.SIGINT) }
}
