// Package machine finds what the course uses of the machine that it runs on, and
// says how to install there what is missing. It imports no database.
package machine

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Tool is a program that the course uses.
type Tool struct {
	Name     string
	Programs []string          // the names that it can have
	Places   []string          // patterns of folders, where it can be if it is not in PATH
	Install  map[System]string // what to type
	Use      string            // what the course does with it
}

// Find returns the path of the tool's program, or an empty string.
func (t Tool) Find() string {
	for _, program := range t.Programs {
		if path := Find(program, t.Places); path != "" {
			return path
		}
	}
	return ""
}

// Find looks for a program in PATH, then in the places, whose names are
// patterns: there it prefers the highest version.
func Find(program string, places []string) string {
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	for _, place := range places {
		paths, _ := filepath.Glob(filepath.Join(place, program)) // the pattern is good
		slices.SortStableFunc(paths, byVersion)
		for _, path := range paths {
			if path, err := exec.LookPath(path); err == nil {
				return path
			}
		}
	}
	return ""
}

// byVersion puts the highest version first.
func byVersion(a, b string) int { return slices.Compare(version(b), version(a)) }

// version returns the numbers in a path. Paths of one pattern differ only in
// those of their versions.
func version(path string) (numbers []int) {
	other := func(r rune) bool { return r < '0' || r > '9' }
	for _, digits := range strings.FieldsFunc(path, other) {
		n, _ := strconv.Atoi(digits) // an error means that it is too long for any version
		numbers = append(numbers, n)
	}
	return numbers
}
