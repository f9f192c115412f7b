package program

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
