package study

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// folder is where a student's progress and copies lie, in the course's folder.
// Git and Go leave it alone.
const folder = ".course"

// Progress is what a student has begun. What is done, the tests know.
type Progress struct {
	Begun []string `json:"begun"` // exercises, by name; the last is the current one
	path  string
}

// ReadProgress reads the progress that is kept in the course's folder.
func ReadProgress(root string) (Progress, error) {
	p := Progress{path: filepath.Join(root, folder, "progress.json")}
	text, err := os.ReadFile(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		const broken = "read the progress: %s: %w " +
			"(mend it, or delete it: your programs are not in it)"
		return p, fmt.Errorf(broken, p.path, err)
	}
	return p, nil
}

// HasBegun tells whether an exercise is begun.
func (p Progress) HasBegun(e Exercise) bool { return slices.Contains(p.Begun, e.Name) }

// Begin makes an exercise the current one. Root is the course's folder.
func (e Exercise) Begin(root string) error {
	p, err := ReadProgress(root)
	if err != nil {
		return err
	}
	return p.begin(e)
}

// begin makes an exercise the current one.
func (p *Progress) begin(e Exercise) error {
	p.forget(e)
	p.Begun = append(p.Begun, e.Name)
	return p.write()
}

func (p *Progress) forget(e Exercise) {
	p.Begun = slices.DeleteFunc(p.Begun, func(name string) bool { return name == e.Name })
}

// write replaces the file as a whole: a half written one would be no progress.
func (p *Progress) write() error {
	text, err := json.Marshal(p)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(p.path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(p.path+".new", append(text, '\n'), 0o644)
	}
	if err == nil {
		err = os.Rename(p.path+".new", p.path)
	}
	if err != nil {
		return fmt.Errorf("write the progress: %w (is the course's folder yours to write to?)", err)
	}
	return nil
}
