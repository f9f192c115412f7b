// Package stub marks in an exercise what a student is to write.
package stub

import (
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// Error says that a function is not written yet, and where it stands.
type Error struct {
	File string // its path from the course's folder, with slashes
	Line int
}

func (e Error) Error() string { return fmt.Sprintf("not written yet: %s:%d", e.File, e.Line) }

// NotWritten returns an [Error] that names the line of its caller. It stands in
// the place of what a student is to write.
func NotWritten() error {
	_, file, line, ok := runtime.Caller(1)
	if !ok {
		return Error{File: "somewhere"}
	}
	elements := strings.Split(filepath.ToSlash(file), "/")
	return Error{path.Join(elements[max(0, len(elements)-3):]...), line} // chapter, exercise, file
}
