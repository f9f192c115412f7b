package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

	from, to int    // the bytes that are replaced
	text     string // the bytes in their place
}

// key names a mutant. It has no line and no file, so that code can move.
func (m mutant) key() string { return m.Func + ": " + m.What }

// String returns where the change is, and what it is.
func (m mutant) String() string { return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.key()) }

// overlay writes the changed file to dir, and the file that go's -overlay wants.
func (m mutant) overlay(dir string) (path string, err error) {
	source, err := filepath.Abs(m.File)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(source)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(dir, "mutant.go")
	mutated := string(text[:m.from]) + m.text + string(text[m.to:])
	if err := os.WriteFile(changed, []byte(mutated), 0o600); err != nil {
		return "", err
	}
	replace := map[string]any{"Replace": map[string]string{source: changed}}
	if text, err = json.Marshal(replace); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, text, 0o600)
}

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
