package study

import (
	"os"
	"path/filepath"
)

// The environment of an exercise's tests.
const (
	GradeVariable    = "COURSE_GRADE"    // if set, what is not begun fails, too
	FindingsVariable = "COURSE_FINDINGS" // if set, go test -json has the findings, too
	// ProgramVariable has the folder of the program that is graded in the student's place.
	ProgramVariable = "COURSE_PROGRAM"
)

// Program returns the folder of the program that an exercise's tests grade: the
// student's, or another that Go's -overlay has put into its place. What the
// student has begun says nothing of that one.
func (e Exercise) Program() (dir string, students bool) {
	if other := os.Getenv(ProgramVariable); other != "" {
		return filepath.Join(e.Dir, other), false
	}
	return e.Dir, true
}

// Begun tells whether an exercise is to be graded: it is begun, or changed, or
// the environment asks for it. Root is the course's folder.
func (e Exercise) Begun(root string) (bool, error) {
	if os.Getenv(GradeVariable) != "" {
		return true, nil
	}
	dir, students := e.Program()
	if students {
		p, err := ReadProgress(root)
		if err != nil || p.HasBegun(e) {
			return true, err
		}
	}
	untouched, err := e.Untouched(dir)
	return !untouched, err
}
