//go:build unix && !linux

package main

import (
	"fmt"
	"os/exec"
	"strings"
)

// resident returns the memory that the processes of a group hold, in bytes.
func resident(group int) (sum int64) {
	listed, _ := exec.Command("ps", "-axo", "pgid=,rss=").Output()
	for line := range strings.Lines(string(listed)) {
		var of int
		var kilobytes int64
		if _, err := fmt.Sscan(line, &of, &kilobytes); err == nil && of == group {
			sum += kilobytes << 10
		}
	}
	return sum
}
