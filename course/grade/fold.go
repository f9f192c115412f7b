package grade

import (
	"fmt"
	"slices"
	"strings"
)

const (
	maxBlock    = 12 // lines that are repeated together
	leastRepeat = 3  // below that, all are shown
)

// fold writes a block of lines that follows itself again and again only once, and
// behind its last line how often it stands there: "(×12)".
func fold(drawing string) string {
	lines := strings.SplitAfter(drawing, "\n")
	var b strings.Builder
	for len(lines) > 0 {
		size, times := repeated(lines)
		block := strings.TrimSuffix(strings.Join(lines[:size], ""), "\n")
		b.WriteString(block)
		if times > 1 {
			fmt.Fprintf(&b, "   (×%d)", times)
		}
		if strings.HasSuffix(lines[size-1], "\n") {
			b.WriteString("\n")
		}
		lines = lines[size*times:]
	}
	return b.String()
}

// repeated returns the size of the block at the beginning that is repeated, and
// how often it stands there: one line, once, if there is none.
func repeated(lines []string) (size, times int) {
	for size = 1; size <= maxBlock && size*leastRepeat <= len(lines); size++ {
		for times = 1; (times+1)*size <= len(lines); times++ {
			if !slices.Equal(lines[:size], lines[times*size:(times+1)*size]) {
				break
			}
		}
		if times >= leastRepeat {
			return size, times
		}
	}
	return 1, 1
}
