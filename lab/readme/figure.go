package readme

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
)

// Draw draws a figure.
type Draw func(io.Writer) error

// Figure fails the test if a file is not what draw draws. If UPDATE is set, it
// writes the file. A README's own figures are better named in its Config.
func Figure(t *testing.T, file string, draw Draw) {
	t.Helper()
	if err := figure(file, draw, updating()); err != nil {
		t.Errorf("%s: %v", file, err)
	}
}

func (k *checker) checkFigures() {
	for _, name := range slices.Sorted(maps.Keys(k.Figures)) {
		file := path.Join(path.Dir(k.name), name)
		if !fs.ValidPath(file) {
			k.fail(0, "the figure %s is outside of the repository", name)
			continue
		}
		path := filepath.Join(k.root, filepath.FromSlash(file))
		if err := figure(path, k.Figures[name], k.Update); err != nil {
			k.fail(0, "the figure %s: %v", name, err)
		}
	}
}

// figure draws, and compares with the file or writes it.
func figure(file string, draw Draw, update bool) error {
	var drawn bytes.Buffer
	if err := draw(&drawn); err != nil {
		return fmt.Errorf("draw it: %w", err)
	}
	old, err := os.ReadFile(file)
	switch {
	case err == nil && bytes.Equal(old, drawn.Bytes()):
		return nil
	case update:
		return write(file, drawn.Bytes())
	case err != nil:
		return fmt.Errorf("%w; UPDATE=1 draws it", cause(err))
	}
	return fmt.Errorf("it would be drawn otherwise now; UPDATE=1 draws it anew:\n%s",
		diff(textLines(string(old)), textLines(drawn.String())))
}

func write(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// drawnBy returns the README whose test draws a figure: the nearest above it.
func (k *checker) drawnBy(file string) string {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		readme := path.Join(dir, "README.md")
		if _, err := fs.Stat(k.files, readme); err == nil || dir == "." {
			return readme
		}
	}
}
