package servers

import (
	"fmt"
	"os"
	"os/exec"
	"time"
)

// shell prepares a script that a Ctrl-C in our terminal does not reach.
func shell(script string, args []string) (*exec.Cmd, error) {
	attributes, err := apart()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", script, "sh"}, args...)...)
	cmd.Dir = "/" // ours may be closed to the server's user
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	cmd.SysProcAttr = attributes
	return cmd, nil
}

// await waits for an end that is near.
func await(gone <-chan struct{}) error {
	timeout := time.NewTimer(endTime)
	defer timeout.Stop()
	select {
	case <-gone:
		return nil
	case <-timeout.C:
		return fmt.Errorf("it has not ended after %v", endTime)
	}
}
