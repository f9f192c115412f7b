package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// chapter is a lesson of the course, as the README lists it.
type chapter struct {
	Number    string
	Path      string // its address
	Folder    string // "" if it has none of its own
	Title     string
	Question  string
	Questions int  // that the lesson asks before it answers
	Live      bool // its program can be run beside the lesson
	Exercise  bool // there is something to write
}

// row finds a chapter in the README's table.
var row = regexp.MustCompile(`(?m)^\| \[([^\]]+)\]\(([^)]+\.md)\) \| (.*?) \| ready \|$`)

// chapters lists what the README does. Where a folder is named, its page is the
// folder's.
func (s *Site) chapters() (list []chapter, err error) {
	readme, err := fs.ReadFile(s.files, "README.md")
	if err != nil {
		return nil, err
	}
	for _, found := range row.FindAllStringSubmatch(string(readme), -1) {
		c := chapter{Number: found[1], Path: "/" + found[2], Question: found[3]}
		if path.Base(found[2]) == "README.md" {
			c.Folder = path.Dir(found[2])
			c.Path = "/" + c.Folder + "/"
		}
		source, err := fs.ReadFile(s.files, found[2])
		if err != nil {
			return nil, err
		}
		c.Title, c.Questions = strings.TrimPrefix(title(source), c.Number+". "), questions(source)
		c.Live = s.live(c.Folder)
		_, c.Exercise = s.exercise(c.Folder)
		list = append(list, c)
	}
	return list, nil
}

// live tells whether a chapter's program is the laboratory's, which understands
// -live.
func (s *Site) live(folder string) bool {
	program, err := fs.ReadFile(s.files, path.Join(folder, "main.go"))
	return err == nil && folder != "" && strings.Contains(string(program), "lab.Main(")
}

// chapter finds the chapter of a folder.
func (s *Site) chapter(folder string) (c chapter, found bool) {
	list, _ := s.chapters()
	for _, c := range list {
		if folder != "" && c.Folder == folder {
			return c, true
		}
	}
	return chapter{}, false
}

// score is what faults do to one form of the shop: its chapter's tests have
// found it, and keep it in a file.
type score struct {
	Chapter                         chapter `json:"-"`
	Variant, About, Price           string
	Faults, Broken, Schedules, Torn int
}

// scores gathers what the chapters keep.
func (s *Site) scores(chapters []chapter) (all []score, err error) {
	for _, c := range chapters {
		text, err := fs.ReadFile(s.files, path.Join(c.Folder, "scores.json"))
		if c.Folder == "" || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var list []score
		if err == nil {
			err = json.Unmarshal(text, &list)
		}
		if err != nil {
			return nil, fmt.Errorf("read the scores of %s: %w", c.Folder, err)
		}
		for _, one := range list {
			one.Chapter = c
			all = append(all, one)
		}
	}
	return all, nil
}
