package study

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"example.com/dtx/internal/program"
)

// Exercise is what a chapter has its students write.
type Exercise struct {
	Name    string // e.g. "saga"
	Chapter int    // e.g. 4
	Folder  string // its path from the course's folder, with slashes: "ch04-saga/exercise"
	Dir     string // the same, to open it
}

// List returns the exercises of the course whose folder is root, in the order
// of its chapters. It does not look into the students' folders: a test that lists
// them would run again for each of their changes.
func List(root string) (list []Exercise, err error) {
	chapters, err := filepath.Glob(filepath.Join(root, "ch[0-9][0-9]-*"))
	if err != nil {
		return nil, err
	}
	for _, dir := range chapters {
		chapter := filepath.Base(dir)
		dir = filepath.Join(dir, "exercise")
		if _, err := os.Stat(filepath.Join(dir, "testdata", "start")); err != nil {
			continue
		}
		number, name, _ := strings.Cut(strings.TrimPrefix(chapter, "ch"), "-")
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("folder %s: %w", chapter, err)
		}
		list = append(list, Exercise{name, n, chapter + "/exercise", dir})
	}
	return list, nil
}

// At returns the exercise in whose folder dir lies.
func At(dir string) (Exercise, error) {
	root, err := program.Root(dir)
	if err != nil {
		return Exercise{}, err
	}
	list, err := List(root)
	if err != nil {
		return Exercise{}, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return Exercise{}, err
	}
	for _, e := range list {
		if dir == e.Dir || strings.HasPrefix(dir, e.Dir+string(filepath.Separator)) {
			return e, nil
		}
	}
	return Exercise{}, fmt.Errorf("%s is in no exercise", dir)
}

// Start, Solution and Mistakes are the folders of an exercise's texts.
func (e Exercise) Start() string    { return filepath.Join(e.Dir, "testdata", "start") }
func (e Exercise) Solution() string { return filepath.Join(e.Dir, "testdata", "solution") }
func (e Exercise) Mistakes() string { return filepath.Join(e.Dir, "testdata", "mistakes") }

// Texts reads the program in a folder, without its tests. The ends of lines are
// as on Unix.
func Texts(dir string) (map[string]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		texts[filepath.Base(path)] = string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
	}
	return texts, nil
}

// Untouched tells whether the program in a folder is the program that the student
// was given.
func (e Exercise) Untouched(dir string) (bool, error) {
	start, err := Texts(e.Start())
	if err != nil {
		return false, err
	}
	now, err := Texts(dir)
	return maps.Equal(start, now), err
}

// NotWritten returns the places at which something is still to be written in
// the program of a folder, as file:line.
func (e Exercise) NotWritten(dir string) (places []string, err error) {
	texts, err := Texts(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		n := 0
		for line := range strings.Lines(texts[name]) {
			n++
			if strings.Contains(line, "stub.NotWritten()") {
				places = append(places, fmt.Sprintf("%s/%s:%d", e.Folder, name, n))
			}
		}
	}
	return places, nil
}

// lesson is the README that the exercise belongs to.
func (e Exercise) lesson() string { return strings.TrimSuffix(e.Folder, "exercise") + "README.md" }
