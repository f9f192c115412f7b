package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// used returns the memory that the processes of a group hold, in bytes, and how long they
// and their children that have ended took the processor.
func used(group int) (memory int64, took time.Duration) {
	processes, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, at := range processes {
		text, err := os.ReadFile(at)
		if err != nil {
			continue // it has just ended
		}
		// pid (name) state parent group …, see proc(5): the state is the third field
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) < 22 || fields[2] != strconv.Itoa(group) {
			continue
		}
		number := func(field int) int64 {
			n, _ := strconv.ParseInt(fields[field-3], 10, 64)
			return n
		}
		memory += number(24) * int64(os.Getpagesize())
		const tick = time.Second / 100
		took += time.Duration(number(14)+number(15)+number(16)+number(17)) * tick
	}
	return memory, took
}
