package study

import (
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
)

// start makes an exercise the current one, and says what it asks for.
func (s *session) start(e Exercise) error {
	places, err := e.NotWritten(e.Dir)
	if err != nil {
		return err
	}
	task, err := e.Task()
	if err != nil {
		return err
	}
	if err := s.progress.begin(e); err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "%s\nTo write:\n\n", new(doc.Package).Text(task))
	for _, place := range places {
		fmt.Fprintf(s.stdout, "    %s\n", place)
	}
	if len(places) == 0 {
		fmt.Fprintln(s.stdout, "    nothing: every function has a body")
	}
	fmt.Fprintf(s.stdout, "\nTo test:\n\n    %s\n    %s watch %d\n", s.goTest(e), s.goRun(), e.Chapter)
	return nil
}

// Task is what the exercise asks for: the package's comment.
func (e Exercise) Task() (string, error) {
	paths, err := filepath.Glob(filepath.Join(e.Start(), "*.go"))
	if err != nil {
		return "", err
	}
	slices.Sort(paths)
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			return "", err
		}
		if file.Doc != nil {
			return file.Doc.Text(), nil
		}
	}
	return "", fmt.Errorf("%s has no package comment", e.Folder)
}
