package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
	"github.com/stretchr/testify/require"

	"example.com/dtx/course/study"
	"example.com/dtx/internal/program"
)

// handedIn is what a student of a made class hands in: an exercise's solution, changed.
type handedIn struct {
	student  string
	exercise string
	mistake  string // a patch of the exercise's
	file     string // what is changed in it
	old, new string // old is replaced by new; without old, new is the whole file
	zipped   bool
	state    State
	first    int // the first step that fails; 0 if all pass
	said     string
}

// course returns the exercises, by name.
func course(t *testing.T) map[string]study.Exercise {
	t.Helper()
	root, err := program.Root(".")
	require.NoError(t, err)
	list, err := study.List(root)
	require.NoError(t, err)
	all := map[string]study.Exercise{}
	for _, e := range list {
		all[e.Name] = e
	}
	return all
}

// texts returns the student's files.
func (h handedIn) texts(t *testing.T) map[string]string {
	t.Helper()
	e := course(t)[h.exercise]
	texts, err := study.Texts(e.Solution())
	require.NoError(t, err)
	if h.state == NotBegun {
		texts, err = study.Texts(e.Start())
		require.NoError(t, err)
	}
	if h.mistake != "" {
		h.patch(t, filepath.Join(e.Mistakes(), h.mistake+".patch"), texts)
	}
	switch {
	case h.old != "":
		require.Contains(t, texts[h.file], h.old, h.student)
		texts[h.file] = strings.Replace(texts[h.file], h.old, h.new, 1)
	case h.file != "":
		texts[h.file] = h.new
	}
	return texts
}

func (h handedIn) patch(t *testing.T, path string, texts map[string]string) {
	t.Helper()
	patch, err := os.ReadFile(path)
	require.NoError(t, err)
	files, _, err := gitdiff.Parse(bytes.NewReader(patch))
	require.NoError(t, err)
	for _, f := range files {
		name := filepath.Base(f.OldName)
		var changed bytes.Buffer
		require.NoError(t, gitdiff.Apply(&changed, strings.NewReader(texts[name]), f))
		texts[name] = changed.String()
	}
}

// made writes a class into a folder, which it returns.
func made(t *testing.T, class []handedIn) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, h := range class {
		folder := filepath.Join(dir, h.student, filepath.FromSlash(course(t)[h.exercise].Folder))
		if h.zipped {
			h.zip(t, filepath.Join(dir, h.student+".zip"))
			continue
		}
		require.NoError(t, os.MkdirAll(folder, 0o755))
		for name, text := range h.texts(t) {
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
		}
	}
	return dir
}

// zip writes what is handed in to a zip, in a folder of its own.
func (h handedIn) zip(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	require.NoError(t, err)
	z := zip.NewWriter(file)
	for name, text := range h.texts(t) {
		w, err := z.Create("my-course/" + course(t)[h.exercise].Folder + "/" + name)
		require.NoError(t, err)
		_, err = w.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	require.NoError(t, file.Close())
}

// requireRight requires that the grading found of a student what it should.
func (h handedIn) requireRight(t *testing.T, m Mark) {
	t.Helper()
	for _, g := range m.Exercises {
		if g.Exercise != h.exercise {
			require.Equal(t, NotBegun, g.State, "%s, %s", h.student, g.Exercise)
			require.Zero(t, g.Points())
			continue
		}
		require.Equal(t, h.state, g.State, "%s: %s", h.student, g.failures())
		require.Contains(t, g.failures(), h.said, h.student)
		require.NotContains(t, g.failures(), "drawn    ", "the drawing is in the report")
		for n, step := range g.Steps {
			switch {
			case h.state == NotBegun || h.state == Refused || h.state == NotBuilt:
				require.False(t, step.Passed, "%s, step %d", h.student, n+1)
			case h.first == 0 || n+1 < h.first:
				require.True(t, step.Passed, "%s, step %d: %s", h.student, n+1, step.Said)
			case n+1 == h.first:
				require.False(t, step.Passed, "%s, step %d", h.student, n+1)
			}
		}
	}
	page, err := os.ReadFile(m.Page)
	require.NoError(t, err)
	require.Contains(t, string(page), h.student+": "+strconv.Itoa(m.Points)+" of ")
}
