package servers

import (
	"database/sql"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// kind is what one kind of server does in its own way.
type kind struct {
	name     string // as its makers write it
	variable string // in the environment: the DSN of a server that is running already
	install  string // what to install
	programs [2]string
	places   []string // where the programs are if they are not in PATH
	end      string   // the signals that end it at once
	make     func(maker string) []string
	serve    func(exe, dir string) []string
	dsn      func(dir string) string
	open     func(dsn string) (*sql.DB, error)
}

// find returns the paths of the program that makes the files and of the server.
func (k kind) find() (maker, exe string, err error) {
	if maker, exe = find(k.programs[0], k.places), find(k.programs[1], k.places); maker != "" && exe != "" && hasShell {
		return maker, exe, nil
	}
	return "", "", fmt.Errorf("%s is %w (%s), or set %s to the DSN of a server that is running", k.name, ErrNotInstalled, k.install, k.variable)
}

// find looks for a program in PATH, then in the places, whose names are
// patterns: there it prefers the highest version.
func find(program string, places []string) string {
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	for _, place := range places {
		paths, _ := filepath.Glob(filepath.Join(place, program)) // an error would mean a bad pattern
		slices.SortStableFunc(paths, func(a, b string) int { return slices.Compare(version(b), version(a)) })
		for _, path := range paths {
			if path, err := exec.LookPath(path); err == nil {
				return path
			}
		}
	}
	return ""
}

// version returns the numbers in a path. Paths of one pattern differ only in
// those of their versions.
func version(path string) (numbers []int) {
	for _, digits := range strings.FieldsFunc(path, func(r rune) bool { return r < '0' || r > '9' }) {
		n, _ := strconv.Atoi(digits) // an error means that it is too long for any version
		numbers = append(numbers, n)
	}
	return numbers
}
