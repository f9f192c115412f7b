package page

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"os/exec"
	"path"
	"strings"

	"github.com/alecthomas/chroma/v2/lexers"

	"example.com/dtx/lab/event"
)

// mistake is a classic mistake: a patch with a header.
type mistake struct {
	Name, What, Why, Breaks, Variant string
	Patch                            template.HTML
}

func (s *Site) mistakes(w http.ResponseWriter, c chapter) {
	v := view{
		Title: "Mistakes: " + c.Title, Kind: "mistakes", Path: c.Folder + "/mistakes", Chapter: c,
	}
	paths, err := fs.Glob(s.files, path.Join(c.Folder, "mistakes", "*.patch"))
	if err != nil {
		s.failed(w, err)
		return
	}
	for _, name := range paths {
		text, err := fs.ReadFile(s.files, name)
		if err != nil {
			s.failed(w, err)
			return
		}
		m, err := readMistake(strings.TrimSuffix(path.Base(name), ".patch"), string(text))
		if err != nil {
			s.failed(w, err)
			return
		}
		v.Mistakes = append(v.Mistakes, m)
	}
	s.render(w, http.StatusOK, v)
}

func readMistake(name, text string) (mistake, error) {
	m := mistake{Name: name}
	fields := map[string]*string{
		"What": &m.What, "Why": &m.Why, "Breaks": &m.Breaks, "Variant": &m.Variant,
	}
	head, patch, _ := strings.Cut(text, "\ndiff --git ")
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if field := fields[key]; field != nil {
			*field = value
		}
	}
	var out bytes.Buffer
	err := highlight(&out, lexers.Get("diff"), "diff --git "+patch)
	m.Patch = template.HTML(out.String())
	return m, err
}

// startMistake lets the chapter's laboratory look for the shortest run that the
// mistake breaks. What it says, and then the run itself, can be followed.
func (s *Site) startMistake(w http.ResponseWriter, r *http.Request) {
	c, ok := s.chapter(r.PathValue("chapter"))
	name := r.PathValue("name")
	_, err := fs.Stat(s.files, path.Join(c.Folder, "mistakes", name+".patch"))
	if !ok || err != nil {
		http.Error(w, "there is no such mistake", http.StatusNotFound)
		return
	}
	s.start(w, func(ctx context.Context, j *job) error {
		return s.runMistake(ctx, j, c.Folder, name)
	})
}

// runMistake runs the chapter with a mistake in it. Its story is passed on as
// it is told, and then the shortest run that breaks, as steps.
func (s *Site) runMistake(ctx context.Context, j *job, chapter, name string) error {
	return s.withProgram(ctx, j, chapter, func(program string) error {
		args := []string{"-mistake", name, "-json"}
		err := s.execute(ctx, program, args, said{j}, func(_ io.Writer, out io.Reader) error {
			return j.found(out)
		})
		exit, ok := errors.AsType[*exec.ExitError](err)
		if ok && exit.ExitCode() == 2 { // a chapter whose mistakes have no events
			args = []string{"-mistake", name}
			copies := func(_ io.Writer, out io.Reader) error {
				_, err := io.Copy(said{j}, out)
				return err
			}
			return s.execute(ctx, program, args, io.Discard, copies)
		}
		return err
	})
}

// found tells the page the run in which a mistake shows.
func (j *job) found(out io.Reader) error {
	events, err := event.Read(out)
	if err != nil || len(events) == 0 {
		return err
	}
	return j.add("found", replay(events))
}

// said passes on what a program says.
type said struct{ *job }

func (s said) Write(p []byte) (int, error) { return len(p), s.add("said", string(p)) }
