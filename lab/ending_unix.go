//go:build unix

package lab

import "syscall"

// tellToEnd tells a process to end, as an operator does.
func tellToEnd(p *process) error { return p.cmd.Process.Signal(syscall.SIGTERM) }
