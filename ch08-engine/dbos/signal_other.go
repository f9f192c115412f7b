//go:build !unix

package main

import "os"

// signalSelf ends this process. Without signals it cannot be stopped.
func signalSelf(string) { os.Exit(1) }
