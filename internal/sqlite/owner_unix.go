//go:build unix

package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// owner stands beside an open database, so that its next owner knows whether the
// one before has gone. It keeps none out.
type owner struct{ file *os.File }

// own takes a database over from its owner before. If that one has gone, the
// write-ahead log that it has left is written anew: after an fsync that failed,
// the operating system takes pages for written that the disk never had. All
// readers see them, no later fsync writes them, and at the next power cut they
// are gone, and with them every commit that follows them in the log.
func own(path string) (*owner, error) {
	for {
		file, err := os.OpenFile(path+"-open", os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", path, err)
		}
		alone := lock(file, syscall.LOCK_EX|syscall.LOCK_NB) == nil
		if !alone {
			err = lock(file, syscall.LOCK_SH)
		}
		if err == nil && !inPlace(file) { // the owner before has just removed it
			_ = file.Close()
			continue
		}
		if alone {
			err = errors.Join(rewrite(path+"-wal"), lock(file, syscall.LOCK_SH))
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("take over %s: %w", path, err), file.Close())
		}
		return &owner{file}, nil
	}
}

// close tells the next owner that this one has gone.
func (o *owner) close() error {
	if lock(o.file, syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		_ = os.Remove(o.file.Name()) // one that is left does no harm
	}
	if err := o.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// lock locks a file until it is closed, which the end of the process does, too.
func lock(f *os.File, how int) error {
	for {
		if err := syscall.Flock(int(f.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// inPlace tells whether an open file is still the one of its name.
func inPlace(f *os.File) bool {
	mine, err := f.Stat()
	named, missing := os.Stat(f.Name())
	return err == nil && missing == nil && os.SameFile(mine, named)
}

// rewrite puts a forced copy of a file in its place, if there is anything in it.
func rewrite(path string) error {
	from, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer from.Close()
	if info, err := from.Stat(); err != nil || info.Size() == 0 {
		return err
	}
	if err := copyForced(path+"-copy", from); err != nil {
		return err
	}
	if err := os.Rename(path+"-copy", path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func copyForced(path string, from io.Reader) error {
	to, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err == nil {
		err = to.Sync()
	}
	return errors.Join(err, to.Close())
}
