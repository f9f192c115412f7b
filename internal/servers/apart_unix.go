//go:build unix

package servers

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

const hasShell = true

// apart gives a process a process group of its own, and another user than
// root: as root neither server starts.
func apart() (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return attributes, nil
	}
	unprivileged, err := user.Lookup("nobody")
	if err != nil {
		return nil, fmt.Errorf("servers do not run as root: %w", err)
	}
	uid, err := strconv.ParseUint(unprivileged.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("the id of the user without rights: %w", err)
	}
	gid, err := strconv.ParseUint(unprivileged.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("the group of the user without rights: %w", err)
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, nil
}
