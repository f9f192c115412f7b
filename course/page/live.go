package page

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"example.com/dtx/lab/live"
)

// maxCommand bounds a command, and maxLine a line of a chapter; in bytes.
const (
	maxCommand = 64 << 10
	maxLine    = 4 << 20
)

// startLive builds a chapter and runs it.
func (s *Site) startLive(w http.ResponseWriter, r *http.Request) {
	c, ok := s.chapter(r.PathValue("chapter"))
	if !ok || !c.Live {
		http.Error(w, "there is no such chapter with services", http.StatusNotFound)
		return
	}
	s.start(w, func(ctx context.Context, j *job) error { return s.runLive(ctx, j, c.Folder) })
}

// command passes a command on to the chapter.
func (s *Site) command(w http.ResponseWriter, r *http.Request) {
	j := s.job(w, r)
	if j == nil {
		return
	}
	var c live.Command
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxCommand))
	body.DisallowUnknownFields()
	if err := body.Decode(&c); err != nil {
		http.Error(w, "not a command: "+err.Error(), http.StatusBadRequest)
		return
	}
	id, err := j.ask(c)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	answer(w, http.StatusAccepted, map[string]int{"id": id})
}

// ask numbers a command and queues it.
func (j *job) ask(c live.Command) (id int, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.numbered++
	c.ID = j.numbered
	select {
	case j.commands <- c:
		j.asked[c.ID] = c
		return c.ID, j.add("command", c)
	default:
		return 0, fmt.Errorf("%d commands wait already", maxQueue)
	}
}

// runLive is the life of a live chapter: it is built, and says what happens
// until it is told to end.
func (s *Site) runLive(ctx context.Context, j *job, chapter string) error {
	return s.withProgram(ctx, j, chapter, func(program string) error {
		talks := func(in io.Writer, out io.Reader) error {
			talk, stop := context.WithCancel(ctx)
			defer stop()
			go j.forward(talk, in)
			return j.listen(out)
		}
		return s.execute(ctx, program, []string{"-live"}, io.Discard, talks)
	})
}

// forward writes the commands as lines.
func (j *job) forward(ctx context.Context, in io.Writer) {
	lines := json.NewEncoder(in)
	for {
		select {
		case c := <-j.commands:
			if lines.Encode(c) != nil {
				return // it has ended, and listen says why
			}
		case <-ctx.Done():
			return
		}
	}
}

// listen reads what a chapter says, until it ends.
func (j *job) listen(out io.Reader) error {
	d, _ := draw(nil)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var l live.Line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("the chapter said something else than the page understands: %w", err)
		}
		if err := j.tell(&d, l); err != nil {
			return err
		}
	}
	return lines.Err()
}

// greeting is a chapter's Hello, and the frame of the picture.
type greeting struct {
	live.Hello
	Frame frame `json:"frame"`
}

// done is a command that has been carried out, or not, and the reply to it.
type done struct {
	Command live.Command `json:"command"`
	Reply   live.Reply   `json:"reply"`
}

func (j *job) answered(r live.Reply) done {
	j.mu.Lock()
	defer j.mu.Unlock()
	c := j.asked[r.ID]
	delete(j.asked, r.ID)
	return done{c, r}
}

func (j *job) tell(d **drawing, l live.Line) error {
	switch {
	case l.Hello != nil:
		j.forget()
		drawn, f := draw(l.Hello.Columns)
		*d = drawn
		return j.add("hello", greeting{*l.Hello, f})
	case l.Event != nil:
		return j.add("step", (*d).step(*l.Event))
	case l.State != nil:
		return j.add("state", l.State)
	case l.Reply != nil:
		return j.add("reply", j.answered(*l.Reply))
	case l.Failure != "":
		return fmt.Errorf("the laboratory cannot go on: %s", l.Failure)
	}
	return nil
}
