package sim

import (
	"fmt"
	"os"
)

// image is the content of a database's files, or the copy of a service's folder.
type image struct {
	db, wal []byte
	folder  string
}

// read takes an image of a database, or of a folder. A file that is not there is empty.
func read(path string) image {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return image{folder: copied(path)}
	}
	db, _ := os.ReadFile(path)
	wal, _ := os.ReadFile(path + "-wal")
	return image{db: db, wal: wal}
}

// copied copies a folder as it is at this moment, and returns the copy. What cannot be
// copied is missing there, and its owner finds that out.
func copied(path string) string {
	_ = os.CopyFS(path+"-copy", os.DirFS(path))
	return path + "-copy"
}

// write lays a new database or folder out. The shared-memory file is only an index of
// the log, and is made anew.
func (i image) write(path string) error {
	if i.folder != "" {
		return os.CopyFS(path, os.DirFS(i.folder))
	}
	if err := os.WriteFile(path, i.db, 0o600); err != nil {
		return fmt.Errorf("lay out %s: %w", path, err)
	}
	if len(i.wal) == 0 {
		return nil
	}
	if err := os.WriteFile(path+"-wal", i.wal, 0o600); err != nil {
		return fmt.Errorf("lay out %s: %w", path, err)
	}
	return nil
}
