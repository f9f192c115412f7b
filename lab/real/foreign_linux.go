package real

import (
	"os/exec"
	"syscall"
)

// outlivesNot has the kernel kill a command when the laboratory has gone without a word.
func outlivesNot(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL }
