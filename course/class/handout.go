package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/dtx/internal/program"
)

// withheld matches what a handout lacks: the answers, and what tests them.
func withheld() []string {
	return []string{
		"ch*/exercise/testdata/solution/*", "ch*/exercise/testdata/mistakes/*",
		"TEACHING.md", "teaching_test.go",
		"course/class/*", "course/challenge/answer_test.go",
		"course/study/graded_test.go", "course/study/programs_test.go",
		// These are for those that change the course.
		".ci/*", ".github/*/*", "modules_test.go", "rooms_test.go",
	}
}

// handout copies the course for students into a folder that is empty or not there. Git
// says which files are the course's: it takes neither a teacher's notes nor the history.
func handout(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) != 1 || strings.HasPrefix(args[0], "-") {
		return errors.New("go run . handout DIR copies the course into DIR, without answers")
	}
	dir := args[0]
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("make a handout: %s is not empty", dir)
	}
	root, err := program.Root(".")
	if err != nil {
		return err
	}
	list := exec.CommandContext(ctx, "git", "-C", root, "ls-files", "-z")
	said, err := list.Output()
	if err != nil {
		return fmt.Errorf("list the course's files (is %s a clone?): %w", root, err)
	}
	copied := 0
	for name := range strings.SplitSeq(strings.TrimRight(string(said), "\x00"), "\x00") {
		if isWithheld(name) {
			continue
		}
		if err := copyForStudents(root, dir, name); err != nil {
			return fmt.Errorf("make a handout: %w", err)
		}
		copied++
	}
	fmt.Fprintf(stdout, "%d files are in %s. To check them: cd there, and go test -short ./...\n",
		copied, dir)
	return nil
}

func isWithheld(name string) bool {
	return slices.ContainsFunc(withheld(), func(pattern string) bool {
		matches, _ := path.Match(pattern, name) // they are good patterns
		return matches
	})
}

// copyForStudents copies a file. A student's file is as it was at first, whatever the teacher has
// written into it.
func copyForStudents(root, dir, name string) error {
	folder, base := path.Split(name)
	text, err := os.ReadFile(filepath.Join(root, folder, "testdata", "start", base))
	if errors.Is(err, fs.ErrNotExist) {
		text, err = os.ReadFile(filepath.Join(root, name))
	}
	if err != nil {
		return err
	}
	to := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}
