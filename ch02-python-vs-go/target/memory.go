package target

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// ErrNotMeasured is returned where memory cannot be measured.
var ErrNotMeasured = errors.New("memory is measured on Linux only")

// Memory returns how much memory the process and its children use, in bytes.
// What several of them share is counted once (Pss in proc(5)).
func (p *Process) Memory() (int64, error) { return memory(p.cmd.Process.Pid) }

func memory(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, ErrNotMeasured
	}
	var total int64
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "Pss:" {
			kB, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return 0, ErrNotMeasured
			}
			total = kB << 10
		}
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0, ErrNotMeasured
	}
	for child := range strings.FieldsSeq(string(children)) {
		id, err := strconv.Atoi(child)
		if err != nil {
			return 0, ErrNotMeasured
		}
		more, err := memory(id)
		if err != nil {
			return 0, err
		}
		total += more
	}
	return total, nil
}
