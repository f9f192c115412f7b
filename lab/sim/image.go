package sim

import (
	"errors"
	"fmt"
	"io/fs"
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

// write puts the image in the place of a database that nobody has open. The
// shared-memory file is only an index of the log, and is made anew.
func (i image) write(path string) error {
	if err := os.WriteFile(path, i.db, 0o600); err != nil {
		return fmt.Errorf("lay out %s: %w", path, err)
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("lay out %s: %w", path, err)
	}
	if len(i.wal) == 0 {
		if err := os.Remove(path + "-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("lay out %s: %w", path, err)
		}
		return nil
	}
	if err := os.WriteFile(path+"-wal", i.wal, 0o600); err != nil {
		return fmt.Errorf("lay out %s: %w", path, err)
	}
	return nil
}
