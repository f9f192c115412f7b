package study

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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
	fmt.Fprintf(s.stdout, "%s\nTo write:\n\n", task)
	for _, place := range places {
		fmt.Fprintf(s.stdout, "    %s\n", place)
	}
	if len(places) == 0 {
		fmt.Fprintln(s.stdout, "    nothing: every function has a body")
	}
	fmt.Fprintf(s.stdout, "\nTo test:\n\n    %s\n    %s watch %d\n",
		s.goTest(e), s.goRun(), e.Chapter)
	return nil
}

// Task is what the exercise asks for: the package's comment.
func (e Exercise) Task() (string, error) {
	texts, err := Texts(e.Start())
	if err != nil {
		return "", err
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if comment := packageComment(texts[name]); comment != "" {
			return comment, nil
		}
	}
	return "", fmt.Errorf("%s has no package comment", e.Folder)
}

// packageComment returns the comment above a file's package clause. It is read by
// hand, so that the course's first program does not wait for Go's parser to be
// compiled.
func packageComment(text string) string {
	var comment strings.Builder
	for line := range strings.Lines(text) {
		words, ok := strings.CutPrefix(line, "//")
		if !ok {
			break
		}
		comment.WriteString(strings.TrimPrefix(words, " "))
	}
	return comment.String()
}
