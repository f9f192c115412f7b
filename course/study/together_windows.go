package study

import (
	"os/exec"
	"strconv"
	"syscall"
)

// together ends go test with what it runs, which Windows does not see as one.
func together(test *exec.Cmd) {
	test.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
	test.Cancel = func() error {
		return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(test.Process.Pid)).Run()
	}
}
