package study

import (
	"context"
	"errors"
	"io"

	"example.com/dtx/internal/program"
)

// ParentVariable is set for a program that has to end when its standard input does:
// its parent holds the other end.
const ParentVariable = "COURSE_PARENT"

// Browse shows the course in the browser. The page is a program of its own: this
// one, which does without HTTP, is there in a third of the time, and can say that
// the other is being built. It returns the exit code.
func Browse(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s := session{dir: ".", stdout: stdout, stderr: stderr}
	err := s.browse(ctx, args)
	if errors.Is(err, context.Canceled) {
		err = nil // Ctrl-C is how the page ends
	}
	return exitCode(ctx, stderr, err)
}

func (s *session) browse(ctx context.Context, args []string) (err error) {
	if s.root, err = program.Root(s.dir); err != nil {
		return err
	}
	return s.launch(ctx, "this takes a while only once", program.Build, page, args...)
}

// page is the folder of the program that shows the course in the browser.
const page = "course/page/serve"
