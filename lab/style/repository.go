package style

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

// Repository checks every text of a repository and returns the findings of each
// file that has some.
func Repository(files fs.FS) (map[string][]Finding, error) {
	names, err := texts(files)
	if err != nil {
		return nil, err
	}
	found, errs := make([][]Finding, len(names)), make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			text, err := fs.ReadFile(files, name)
			if err == nil {
				found[i], err = Check(name, string(text))
			}
			errs[i] = err
		})
	}
	wg.Wait()
	all := map[string][]Finding{}
	for i, name := range names {
		if errs[i] != nil {
			return nil, fmt.Errorf("%s: %w", name, errs[i])
		}
		if len(found[i]) > 0 {
			all[name] = found[i]
		}
	}
	return all, nil
}

// texts lists the files that the rules are for.
func texts(files fs.FS) (names []string, err error) {
	kinds := []string{".go", ".md", ".patch", ".py", ".html", ".js", ".css"}
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(d.Name()):
			return fs.SkipDir
		case slices.Contains(kinds, path.Ext(name)) && !students(files, name):
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

// skipped tells whether a folder is not the project's own text.
func skipped(name string) bool {
	return name != "." && strings.HasPrefix(name, ".") || name == "out" || name == "node_modules"
}

// students tells whether a file is for a student to write in. How the file was at
// first is checked instead: the copy in testdata/start.
func students(files fs.FS, name string) bool {
	dir, base := path.Split(name)
	_, err := fs.Stat(files, path.Join(dir, "testdata/start", base))
	return err == nil
}
