//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// signalSelf kills this process, or stops it until it is told to go on. It returns then,
// and not before: a stop takes a moment to reach all threads.
func signalSelf(deed string) {
	goOn := make(chan os.Signal, 1)
	signal.Notify(goOn, syscall.SIGCONT)
	defer signal.Stop(goOn)
	sent := map[string]syscall.Signal{"kill": syscall.SIGKILL, "stop": syscall.SIGSTOP}[deed]
	_ = syscall.Kill(syscall.Getpid(), sent)
	<-goOn // never after SIGKILL
}
