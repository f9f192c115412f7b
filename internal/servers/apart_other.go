//go:build !unix

package servers

import "syscall"

const hasShell = false // a server's life hangs on a shell

func apart() (*syscall.SysProcAttr, error) { return nil, nil }
