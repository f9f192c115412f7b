package study

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// reset puts an exercise's files back as they were, and keeps what was there.
func (s *session) reset(e Exercise) error {
	untouched, err := e.Untouched(e.Dir)
	if err != nil {
		return err
	}
	if !untouched {
		kept, err := s.keep(e)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.stdout, "your work is kept in %s\n", kept)
		if err := e.restore(); err != nil {
			return fmt.Errorf("reset %s: %w", e.Name, err)
		}
	}
	s.progress.forget(e)
	if err := s.progress.write(); err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "%s is as it was at first\n", e.Folder)
	return nil
}

// keep copies the student's files to a folder of their own.
func (s *session) keep(e Exercise) (string, error) {
	texts, err := Texts(e.Dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(s.root, folder), 0o755); err != nil {
		return "", fmt.Errorf("keep %s: %w", e.Name, err)
	}
	dir, err := s.free(e.Name)
	if err != nil {
		return "", fmt.Errorf("keep %s: %w", e.Name, err)
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return "", fmt.Errorf("keep %s: %w", e.Name, err)
		}
	}
	return dir, nil
}

// free makes the first folder name-1, name-2 … that is not there.
func (s *session) free(name string) (string, error) {
	for n := 1; ; n++ {
		dir := filepath.Join(s.root, folder, fmt.Sprintf("%s-%d", name, n))
		if err := os.Mkdir(dir, 0o755); !errors.Is(err, fs.ErrExist) {
			return dir, err
		}
	}
}

// restore writes the files that were there at first, and takes away what the
// student has added to them.
func (e Exercise) restore() error {
	start, err := Texts(e.Start())
	if err != nil {
		return err
	}
	now, err := Texts(e.Dir)
	if err != nil {
		return err
	}
	for name, text := range start {
		if err := os.WriteFile(filepath.Join(e.Dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if _, first := start[name]; first {
			continue
		}
		if err := os.Remove(filepath.Join(e.Dir, name)); err != nil {
			return err
		}
	}
	return nil
}
