package page

import (
	"errors"
	"html/template"
	"io/fs"
	"regexp"
	"strings"
)

// asking is where the questions of learners stand.
const asking = "QUESTIONS.md"

var (
	topic = regexp.MustCompile(`(?m)^#.*$`)
	// relative matches a link to a file of the course.
	relative = regexp.MustCompile(`\]\(([^#:)]+)\)`)
)

// asked returns the questions of learners, each with its answer, to be searched on the
// home page. A course without them has none.
func (s *Site) asked() (list []template.HTML, err error) {
	source, err := fs.ReadFile(s.files, asking)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	text := relative.ReplaceAllString(topic.ReplaceAllString(string(source), ""), "](/$1)")
	for _, question := range strings.Split(text, "\n**")[1:] {
		read, err := read([]byte("**"+question), "en")
		if err != nil {
			return nil, err
		}
		list = append(list, read.HTML)
	}
	return list, nil
}
