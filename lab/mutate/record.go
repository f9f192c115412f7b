package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// record is a file of what was tried: a line has a result and the key of a mutant.
type record struct {
	results map[string]result
	file    *os.File // nil if nothing is kept
}

// openRecord reads a file, which need not exist; an empty path keeps nothing.
func openRecord(path string) (*record, error) {
	r := &record{results: map[string]result{}}
	if path == "" {
		return r, nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	r.file = file
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		found, key, _ := strings.Cut(lines.Text(), " ")
		r.results[key] = result(found)
	}
	return r, lines.Err()
}

// add notes a result. One that is unclear is not kept: it is tried again.
func (r *record) add(key string, found result) error {
	if r.file == nil || found == unclear {
		return nil
	}
	_, err := fmt.Fprintln(r.file, found, key)
	return err
}

func (r *record) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
