package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/dtx/course/study"
)

const (
	maxFile  = 1 << 18 // bytes of a file
	maxFiles = 20      // of an exercise
)

// Submission is what a student has handed in.
type Submission struct {
	Student string
	Commit  string // the last one, if the student's folder tells
	Date    string // the commit's; without one, that of the file changed last
	texts   map[string]map[string]string
	problem error
}

// submissions returns what lies in folders and zips. A folder without a chapter is a
// folder of students'.
func submissions(paths []string, list []study.Exercise) (all []Submission, err error) {
	for _, at := range paths {
		nested, err := students(at)
		if err != nil {
			return nil, err
		}
		for _, at := range nested {
			all = append(all, submission(at, list))
		}
	}
	names := map[string]bool{}
	for _, s := range all {
		if names[s.Student] { // they would share a page
			return nil, fmt.Errorf("two students are called %s", s.Student)
		}
		names[s.Student] = true
	}
	return all, nil
}

// students returns the folders and zips of the students.
func students(at string) (paths []string, err error) {
	if info, err := os.Stat(at); err != nil || !info.IsDir() {
		return []string{at}, err
	}
	if chapters, err := filepath.Glob(filepath.Join(at, chapter)); len(chapters) > 0 || err != nil {
		return []string{at}, err
	}
	entries, err := os.ReadDir(at)
	for _, entry := range entries {
		if entry.IsDir() || filepath.Ext(entry.Name()) == ".zip" {
			paths = append(paths, filepath.Join(at, entry.Name()))
		}
	}
	return paths, err
}

// chapter matches the folders of chapters.
const chapter = "ch[0-9][0-9]-*"

// submission reads what a student has handed in. Nothing outside of it is read: the
// student has no links to a neighbour's files or to the solution.
func submission(at string, list []study.Exercise) Submission {
	s := Submission{texts: map[string]map[string]string{}}
	absolute, err := filepath.Abs(at)
	s.Student, s.problem = strings.TrimSuffix(filepath.Base(absolute), ".zip"), err
	files, closer, err := opened(at)
	if err != nil {
		s.problem = err
		return s
	}
	defer closer.Close()
	s.problem = errors.Join(s.problem, s.read(files, list))
	return s
}

// opened opens a folder or a zip.
func opened(at string) (fs.FS, io.Closer, error) {
	if filepath.Ext(at) == ".zip" {
		z, err := zip.OpenReader(at)
		return z, z, err
	}
	root, err := os.OpenRoot(at)
	if err != nil {
		return nil, nil, err
	}
	return root.FS(), root, nil
}

// read takes the exercises' files out of a folder, or out of a folder in it.
func (s *Submission) read(files fs.FS, list []study.Exercise) error {
	for _, above := range []string{"", "*/", "*/*/"} {
		chapters, err := fs.Glob(files, above+chapter+"/exercise")
		if err != nil {
			return err
		}
		for _, folder := range chapters {
			if err := s.readExercise(files, folder, list); err != nil {
				return err
			}
		}
		if len(chapters) > 0 {
			root := path.Dir(path.Dir(chapters[0]))
			s.readCommit(files, path.Join(root, ".git/logs/HEAD"))
			return nil
		}
	}
	return errors.New("there is no exercise in it")
}

// readExercise reads the files of an exercise. Its name counts: chapters may be numbered
// anew. A file that the student lacks is as it was given.
func (s *Submission) readExercise(files fs.FS, folder string, list []study.Exercise) error {
	_, name, _ := strings.Cut(path.Base(path.Dir(folder)), "-")
	i := slices.IndexFunc(list, func(e study.Exercise) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	texts, err := study.Texts(list[i].Start())
	if err != nil {
		return err
	}
	paths, err := fs.Glob(files, folder+"/*.go")
	if err != nil || len(paths) > maxFiles {
		return errors.Join(err, fmt.Errorf("%s has more than %d files", folder, maxFiles))
	}
	for _, at := range paths {
		if strings.HasSuffix(at, "_test.go") {
			continue
		}
		if texts[path.Base(at)], err = s.readFile(files, at); err != nil {
			return err
		}
	}
	s.texts[name] = texts
	return nil
}

func (s *Submission) readFile(files fs.FS, at string) (string, error) {
	file, err := files.Open(at)
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return "", errors.Join(err, fmt.Errorf("%s is no file", at))
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil || len(text) > maxFile {
		return "", errors.Join(err, fmt.Errorf("%s has more than %d bytes", at, maxFile))
	}
	s.Date = max(s.Date, info.ModTime().UTC().Format(time.DateTime))
	return string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))), nil
}

// readCommit reads the last commit out of Git's own log. To run Git in a stranger's folder
// would run what its configuration says.
func (s *Submission) readCommit(files fs.FS, at string) {
	text, err := fs.ReadFile(files, at)
	if err != nil {
		return // it need not be a clone
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	head, _, _ := strings.Cut(lines[len(lines)-1], "\t")
	words := strings.Fields(head) // old new name <address> seconds zone
	if len(words) < 4 {
		return
	}
	seconds, err := strconv.ParseInt(words[len(words)-2], 10, 64)
	if err == nil {
		s.Commit = fmt.Sprintf("%.8s", words[1])
		s.Date = time.Unix(seconds, 0).UTC().Format(time.DateTime)
	}
}
