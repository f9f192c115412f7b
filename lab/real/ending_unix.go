//go:build unix

package real

import "syscall"

// tellToEnd tells a process to end, as an operator does.
func tellToEnd(p *process) error { return p.cmd.Process.Signal(syscall.SIGTERM) }
