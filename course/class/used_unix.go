//go:build unix && !linux

package main

import (
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// used returns the memory that the processes of a group hold, in bytes, and how long they
// took the processor.
func used(group int) (memory int64, took time.Duration) {
	listed, _ := exec.Command("ps", "-axo", "pgid=,rss=,cputime=").Output()
	for line := range strings.Lines(string(listed)) {
		var of int
		var kilobytes int64
		var minutes, seconds float64
		clock := strings.NewReplacer(":", " ").Replace(line)
		_, err := fmt.Sscan(clock, &of, &kilobytes, &minutes, &seconds)
		if err == nil && of == group {
			memory += kilobytes << 10
			took += time.Duration((minutes*60 + seconds) * float64(time.Second))
		}
	}
	return memory, took
}
