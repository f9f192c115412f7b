package style

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Debt says how many places of each file break a rule. A file that is not in it
// has none.
type Debt map[string]int

// ReadDebt reads lines of a file's name and a number.
func ReadDebt(r io.Reader) (Debt, error) {
	debt, lines := Debt{}, bufio.NewScanner(r)
	for lines.Scan() {
		var name string
		var n int
		if _, err := fmt.Sscan(lines.Text(), &name, &n); err != nil {
			return nil, fmt.Errorf("read %q: %w", lines.Text(), err)
		}
		debt[name] = n
	}
	return debt, lines.Err()
}

// String returns the lines that ReadDebt reads, sorted.
func (d Debt) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(d)) {
		fmt.Fprintln(&b, name, d[name])
	}
	return b.String()
}

// Repay returns the debt that is left, which never grows: of each file the
// smaller number, and no file that has become clean or is gone.
func (d Debt) Repay(now Debt) Debt {
	left := Debt{}
	for name, n := range d {
		if n = min(n, now[name]); n > 0 {
			left[name] = n
		}
	}
	return left
}

// Wrong says what is amiss: a file has more findings than the debt allows, or is in
// the debt and clean.
func (d Debt) Wrong(now Debt) (list []string) {
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if now[name] > d[name] {
			const more = "%s: %d places break a rule of STYLE.md, and %d did"
			list = append(list, fmt.Sprintf(more, name, now[name], d[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d)) {
		if now[name] == 0 {
			list = append(list, name+" is clean or gone: UPDATE=1 takes it off the list")
		}
	}
	return list
}
