package page

import (
	"context"
	"go/doc"
	"html/template"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"example.com/dtx/course/study"
)

// exercise is what a chapter has its students write, and how far this one is.
type exercise struct {
	study.Exercise
	Task   template.HTML
	Begun  bool
	Places []place // the lines at which something is not written yet
}

// place is a line of a file.
type place struct {
	Name string `json:"name"` // file:line
	Path string `json:"path"` // the file's address

	// Editor is an address that opens the place in an editor, if the browser can.
	Editor template.URL `json:"editor"`
}

// graded is what the page is told after each run of the tests.
type graded struct {
	study.Result
	Places []place `json:"places"`
}

// exercise finds the exercise of a chapter's folder.
func (s *Site) exercise(chapter string) (e study.Exercise, found bool) {
	list, _ := study.List(s.root.Name())
	for _, e := range list {
		if e.Folder == chapter+"/exercise" {
			return e, true
		}
	}
	return e, false
}

// notWritten lists the places at which something is still to be written.
func (s *Site) notWritten(e study.Exercise) (list []place, err error) {
	folder, err := filepath.Abs(s.root.Name())
	if err != nil {
		return nil, err
	}
	names, err := e.NotWritten(e.Dir)
	for _, name := range names {
		file, _, _ := strings.Cut(name, ":")
		at := "/" + strings.TrimPrefix(filepath.ToSlash(filepath.Join(folder, name)), "/")
		editor := url.URL{Scheme: "vscode", Host: "file", Path: at}
		list = append(list, place{name, "/" + file, template.URL(editor.String())})
	}
	return list, err
}

func (s *Site) showExercise(w http.ResponseWriter, c chapter) {
	e, _ := s.exercise(c.Folder)
	v := view{
		Title: "Exercise: " + c.Title, Kind: "exercise", Path: e.Folder, Chapter: c,
		Exercise: exercise{Exercise: e},
	}
	task, err := e.Task()
	if err != nil {
		s.failed(w, err)
		return
	}
	v.Exercise.Task = template.HTML(new(doc.Package).HTML(task))
	if v.Exercise.Begun, err = e.Begun(s.root.Name()); err != nil {
		s.failed(w, err)
		return
	}
	if v.Exercise.Places, err = s.notWritten(e); err != nil {
		s.failed(w, err)
		return
	}
	if v.Files, err = s.list(e.Folder); err != nil {
		s.failed(w, err)
		return
	}
	v.Files = slices.DeleteFunc(v.Files, hasAnswers)
	s.render(w, http.StatusOK, v)
}

// hasAnswers tells whether a file of an exercise may hold answers: they are not
// to be one click away.
func hasAnswers(name string) bool {
	return name == "testdata/" || strings.HasSuffix(name, "_test.go")
}

// begin makes a chapter's exercise the current one, as "go run . start" does.
func (s *Site) begin(w http.ResponseWriter, r *http.Request) {
	e, ok := s.exercise(r.PathValue("chapter"))
	if !ok {
		http.Error(w, "there is no such exercise", http.StatusNotFound)
		return
	}
	if err := e.Begin(s.root.Name()); err != nil {
		s.failed(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// startTests runs an exercise's tests; with ?watch=yes, again whenever one of
// its files changes, as long as the tab listens.
func (s *Site) startTests(w http.ResponseWriter, r *http.Request) {
	e, ok := s.exercise(r.PathValue("chapter"))
	if !ok {
		http.Error(w, "there is no such exercise", http.StatusNotFound)
		return
	}
	watch := r.URL.Query().Get("watch") == "yes"
	s.start(w, func(ctx context.Context, j *job) error {
		if watch {
			return e.Watch(ctx, func() error { return s.grade(ctx, j, e) })
		}
		return s.grade(ctx, j, e)
	})
}

// grade runs an exercise's tests, and tells the page what they found in place of
// what they found before.
func (s *Site) grade(ctx context.Context, j *job, e study.Exercise) error {
	j.forget()
	var g graded
	err := j.during("testing", func() (err error) {
		g.Result, err = e.Grade(ctx, s.root.Name())
		return err
	})
	if err != nil {
		return err
	}
	for i := range g.Steps { // a run of which there is a picture is not shown in text, too
		if step := &g.Steps[i]; filepath.Ext(step.Finding.Drawn) == ".svg" {
			step.Picture = filepath.Base(step.Finding.Drawn)
			step.Finding.Sketch, step.Finding.Drawn = "", ""
			step.Said = step.Finding.String()
		}
	}
	if g.Places, err = s.notWritten(e); err != nil {
		return err
	}
	return j.add("graded", g)
}
