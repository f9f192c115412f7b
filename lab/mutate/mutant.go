package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// mutant is one change of one file.
type mutant struct {
	File    string // its path, with slashes
	Line    int    // counted from 1
	Func    string // the package and the function, such as saga.Engine.drive
	What    string // the change in words
	Logging bool   // whether it changes nothing but what is logged
	Excuse  string // the reason why it is equivalent; empty if it is not

	in       *function // where it is
	from, to int       // the bytes that are replaced
	text     string    // the bytes in their place
}

// key names a mutant. It has no line and no file, so that code can move.
func (m mutant) key() string { return m.Func + ": " + m.What }

// String returns where the change is, and what it is.
func (m mutant) String() string { return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.key()) }

// excuse notes which mutants are equivalent. The file has two lines for each: its
// key, and the reason, which is indented. A key that names no mutant of a package that
// is changed now is an error.
func excuse(mutants []mutant, path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	at, changed := map[string]*mutant{}, map[string]bool{}
	for i := range mutants {
		at[mutants[i].key()] = &mutants[i]
		pkg, _, _ := strings.Cut(mutants[i].Func, ".")
		changed[pkg] = true
	}
	key, lines := "", bufio.NewScanner(file)
	for lines.Scan() {
		line := lines.Text()
		reason, indented := strings.CutPrefix(line, "\t")
		pkg, _, _ := strings.Cut(key, ".")
		switch {
		case !indented:
			key = line
		case at[key] == nil && !changed[pkg]:
		case at[key] == nil:
			return fmt.Errorf("%s: there is no mutant %q any more", path, key)
		default:
			at[key].Excuse = reason
		}
	}
	return lines.Err()
}
