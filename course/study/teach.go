package study

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"example.com/dtx/internal/program"
)

// class is the folder of the program for a teacher. A handout lacks it.
const class = "course/class"

// teach does what a teacher asks.
func (s *session) teach(ctx context.Context, args ...string) error {
	if _, err := os.Stat(filepath.Join(s.root, class)); err != nil {
		return errors.New(args[0] + ": this copy of the course is for students")
	}
	return s.launch(ctx, "this takes a while only once", program.BuildChapter, class, args...)
}
