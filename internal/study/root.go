// Package study is what a student does with the course: it begins an exercise,
// sees what is done and what is next, and begins anew.
//
// An exercise is found by its folder, chNN-NAME/exercise. Its name is NAME: it
// stays when chapters are numbered anew.
//
//	*.go                     what the student writes, and the tests that grade it
//	testdata/start/*.go      how these files were at first
//	testdata/solution/*.go   one way to write them
//	testdata/mistakes/*      patches to that: wrong ways, and what the grader must say to each
package study

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const module = "module example.com/dtx"

// Root returns the course's folder: that in which dir lies, however deep. A module inside
// the course is part of it.
func Root(dir string) (root string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the course's folder: %w", err)
	}
	for at := dir; ; at = filepath.Dir(at) {
		text, err := os.ReadFile(filepath.Join(at, "go.mod"))
		switch {
		case err == nil && strings.HasPrefix(string(text), module):
			root = at
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("find the course's folder: %w", err)
		}
		if at != filepath.Dir(at) {
			continue
		}
		if root == "" {
			return "", fmt.Errorf("find the course's folder: %s is not in it", dir)
		}
		return root, nil
	}
}
