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
	Questions int  // the number that the lesson asks before it answers
	Live      bool // its program can be run beside the lesson
	Exercise  bool // there is something to write
}

// row finds a chapter in the README's table.
var row = regexp.MustCompile(`(?m)^\| \[([^\]]+)\]\(([^)]+\.md)\) \| (.*?) \| (?:ready|可学) \|$`)

// homeInChinese is the address of the home page in Chinese.
const homeInChinese = "/-/zh"

// inChinese is where the translation of a lesson stands, if there is one.
func inChinese(name string) string { return strings.TrimSuffix(name, ".md") + ".zh.md" }

// chapters lists what the README in a language does. Where a folder is named, its page
// is the folder's, or the translation in it.
func (s *Site) chapters(lang string) (list []chapter, err error) {
	name := "README.md"
	if lang == "zh" {
		name = inChinese(name)
	}
	readme, err := fs.ReadFile(s.files, name)
	if err != nil {
		return nil, err
	}
	for _, found := range row.FindAllStringSubmatch(string(readme), -1) {
		file := strings.Replace(found[2], ".zh.md", ".md", 1)
		c := chapter{Number: found[1], Path: "/" + file, Question: found[3]}
		if path.Base(file) == "README.md" {
			c.Folder = path.Dir(file)
			c.Path = "/" + c.Folder + "/"
		}
		if _, err := fs.Stat(s.files, inChinese(file)); lang == "zh" && err == nil {
			file = inChinese(file)
			c.Path = "/" + file
		}
		source, err := fs.ReadFile(s.files, file)
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
	return err == nil && folder != "" && strings.Contains(string(program), "cli.Main(")
}

// chapter finds the chapter of a folder.
func (s *Site) chapter(folder string) (c chapter, found bool) {
	list, _ := s.chapters("en")
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
