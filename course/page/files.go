package page

import (
	"bytes"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2/lexers"

	"example.com/dtx/lab/event"
)

// view is what the templates are given.
type view struct {
	Title    string
	Lang     string // the text's language: "en" or "zh"
	Other    string // address of the same page in the other language, if there is one
	Kind     string // the template that shows it
	Path     string // the path in the course's folder
	Chapters []chapter
	Chapter  chapter // the chapter whose page it is, if it is a chapter's
	Before   *chapter
	After    *chapter
	Scores   []score
	Asked    []template.HTML // questions of learners, with their answers
	Lesson   lesson
	Mistakes []mistake
	Exercise exercise
	Files    []string
	Given    bool // events were named on the command line
}

// FirstLive is the first chapter whose services can be broken.
func (v view) FirstLive() *chapter {
	if i := slices.IndexFunc(v.Chapters, func(c chapter) bool { return c.Live }); i >= 0 {
		return &v.Chapters[i]
	}
	return nil
}

// show answers with what is at a path of the course's folder: the home page, a
// lesson, a picture, a list, or a file as text.
func (s *Site) show(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(r.PathValue("path"), "/")
	if name == "" {
		s.home(w, "en")
		return
	}
	if !fs.ValidPath(name) || hidden(name) {
		s.notFound(w, r)
		return
	}
	info, err := fs.Stat(s.files, name)
	switch {
	case err != nil:
		s.notFound(w, r)
	case info.IsDir() && !strings.HasSuffix(r.URL.Path, "/"):
		http.Redirect(w, r, r.URL.Path+"/", http.StatusMovedPermanently)
	case info.IsDir():
		s.folder(w, r, name)
	case path.Base(name) == "README.md":
		http.Redirect(w, r, "/"+strings.TrimSuffix(name, "README.md"), http.StatusMovedPermanently)
	case path.Ext(name) == ".md":
		s.lesson(w, r, name)
	case path.Ext(name) == ".svg":
		s.picture(w, r, name)
	default:
		s.source(w, r, name)
	}
}

// hidden tells whether a path is none of the reader's business, such as .git.
func hidden(name string) bool {
	isHidden := func(part string) bool { return strings.HasPrefix(part, ".") }
	return slices.ContainsFunc(strings.Split(name, "/"), isHidden)
}

func (s *Site) home(w http.ResponseWriter, lang string) {
	chapters, err := s.chapters(lang)
	if err != nil {
		s.failed(w, err)
		return
	}
	scores, err := s.scores(chapters)
	if err != nil {
		s.failed(w, err)
		return
	}
	asked, err := s.asked()
	if err != nil {
		s.failed(w, err)
		return
	}
	v := view{Title: "Distributed transactions, run and broken", Lang: lang, Kind: "home",
		Chapters: chapters, Scores: scores, Asked: asked}
	switch _, err := fs.Stat(s.files, inChinese("README.md")); {
	case lang == "zh":
		v.Title, v.Other = "分布式事务：运行，然后破坏", "/"
	case err == nil:
		v.Other = homeInChinese
	}
	s.render(w, http.StatusOK, v)
}

func (s *Site) folder(w http.ResponseWriter, r *http.Request, name string) {
	folder, last := path.Split(name)
	if c, ok := s.chapter(path.Clean(folder)); ok {
		switch {
		case last == "mistakes":
			s.mistakes(w, c)
			return
		case last == "exercise" && c.Exercise:
			s.showExercise(w, c)
			return
		}
	}
	if _, err := fs.Stat(s.files, path.Join(name, "README.md")); err == nil {
		s.lesson(w, r, path.Join(name, "README.md"))
		return
	}
	files, err := s.list(name)
	if err != nil {
		s.failed(w, err)
		return
	}
	s.render(w, http.StatusOK, view{Title: name, Kind: "folder", Path: name, Files: files})
}

// list returns what is in a folder; other folders with a slash.
func (s *Site) list(name string) (files []string, err error) {
	entries, err := fs.ReadDir(s.files, name)
	for _, e := range entries {
		file := e.Name()
		if e.IsDir() {
			file += "/"
		}
		if !hidden(file) {
			files = append(files, file)
		}
	}
	return files, err
}

func (s *Site) lesson(w http.ResponseWriter, r *http.Request, name string) {
	source, err := fs.ReadFile(s.files, name)
	if err != nil {
		s.notFound(w, r)
		return
	}
	v := view{Lang: "en", Kind: "lesson", Path: name}
	english, isChinese := strings.CutSuffix(name, ".zh.md")
	if isChinese {
		v.Lang = "zh"
		v.Other = "/" + strings.TrimSuffix(english+".md", "README.md")
	} else if _, err := fs.Stat(s.files, inChinese(name)); err == nil {
		v.Other = "/" + inChinese(name)
	}
	if v.Lesson, err = read(source, v.Lang); err != nil {
		s.failed(w, err)
		return
	}
	v.Title = v.Lesson.Title
	if v.Chapters, err = s.chapters(v.Lang); err != nil {
		s.failed(w, err)
		return
	}
	for i, c := range v.Chapters {
		if strings.TrimSuffix(name, "README.md") != strings.TrimPrefix(c.Path, "/") {
			continue
		}
		v.Chapter = c
		if i > 0 {
			v.Before = &v.Chapters[i-1]
		}
		if i+1 < len(v.Chapters) {
			v.After = &v.Chapters[i+1]
		}
	}
	s.render(w, http.StatusOK, v)
}

// picture sends a drawing of the course's own. Its style stands in the file.
func (s *Site) picture(w http.ResponseWriter, r *http.Request, name string) {
	const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
	w.Header().Set("Content-Security-Policy", policy)
	http.ServeFileFS(w, r, s.files, name)
}

func (s *Site) pictureStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write([]byte(event.Style)) // who has gone needs no style
}

// maxSource bounds a file that is shown; in bytes.
const maxSource = 1 << 20

func (s *Site) source(w http.ResponseWriter, r *http.Request, name string) {
	info, err := fs.Stat(s.files, name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSource {
		s.notFound(w, r)
		return
	}
	text, err := fs.ReadFile(s.files, name)
	if err != nil || !utf8.Valid(text) {
		s.notFound(w, r)
		return
	}
	var out bytes.Buffer
	if err := highlight(&out, lexers.Match(path.Base(name)), string(text)); err != nil {
		s.failed(w, err)
		return
	}
	code := lesson{HTML: template.HTML(out.String())}
	s.render(w, http.StatusOK, view{Title: name, Kind: "source", Path: name, Lesson: code})
}

func (s *Site) notFound(w http.ResponseWriter, r *http.Request) {
	v := view{Title: "There is no such page", Kind: "missing", Path: r.URL.Path}
	s.render(w, http.StatusNotFound, v)
}

func (s *Site) failed(w http.ResponseWriter, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("a file of the course is missing: " + err.Error())
	}
	http.Error(w, err.Error(), http.StatusInternalServerError)
}

func (s *Site) render(w http.ResponseWriter, status int, v view) {
	var out bytes.Buffer
	if err := s.views.ExecuteTemplate(&out, "page.html", v); err != nil {
		s.failed(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // who has gone needs no page
}
