//go:build !linux

package real

import "os/exec"

// outlivesNot does nothing: only Linux ends a command with the process that started it.
func outlivesNot(*exec.Cmd) {}
