package durability

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// image is what the disk holds of a database.
type image struct{ db, wal []byte }

// read takes an image of a database. A file that is not there is empty.
func read(path string) image {
	db, _ := os.ReadFile(path)
	wal, _ := os.ReadFile(path + "-wal")
	return image{db, wal}
}

// write puts the image in the place of a database that no process has open. The
// third file, -shm, is shared memory, and gone when the power is.
func (i image) write(path string) error {
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cut the power: %w", err)
	}
	if err := os.WriteFile(path, i.db, 0o600); err != nil {
		return fmt.Errorf("cut the power: %w", err)
	}
	if err := os.WriteFile(path+"-wal", i.wal, 0o600); err != nil {
		return fmt.Errorf("cut the power: %w", err)
	}
	return nil
}
