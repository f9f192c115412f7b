package sim

import (
	"fmt"
	"os"
)

// image is the content of a database's files.
type image struct{ db, wal []byte }

// read takes an image of a database. A file that is not there is empty.
func read(path string) image {
	db, _ := os.ReadFile(path)
	wal, _ := os.ReadFile(path + "-wal")
	return image{db, wal}
}

// write lays a new database out. The shared-memory file is only an index of the
// log, and is made anew.
func (i image) write(path string) error {
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
