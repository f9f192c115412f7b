package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// resident returns the memory that the processes of a group hold, in bytes.
func resident(group int) (sum int64) {
	processes, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, at := range processes {
		text, err := os.ReadFile(at)
		if err != nil {
			continue // it has just ended
		}
		// pid (name) state parent group …: the memory, in pages, is the 24th
		_, after, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
		fields := strings.Fields(after)
		if len(fields) < 22 || fields[2] != strconv.Itoa(group) {
			continue
		}
		pages, _ := strconv.ParseInt(fields[21], 10, 64)
		sum += pages * int64(os.Getpagesize())
	}
	return sum
}
