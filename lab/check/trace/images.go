package trace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// images is what a power cut leaves of the data: each file as it was when it was last
// forced. The names are taken to be on the disk at once: files that are created and forced,
// renamed or removed. A file that was renamed and never forced is empty.
type images struct{ data, kept string }

// all forces all files.
func (i images) all() error { return replicate(i.data, i.kept) }

// force forces one file, or, if it is a folder, nothing.
func (i images) force(name string) error {
	text, err := os.ReadFile(filepath.Join(i.data, name))
	if err != nil {
		return nil // a folder, or it has just been removed
	}
	return write(filepath.Join(i.kept, name), text)
}

// rename takes the path of the old name, which may lie outside of the data.
func (i images) rename(from, to string) error {
	name, err := filepath.Rel(i.data, from)
	if err != nil || !filepath.IsLocal(name) {
		return i.force(to)
	}
	target := filepath.Join(i.kept, to)
	err = errors.Join(
		os.MkdirAll(filepath.Dir(target), 0o700), os.Rename(filepath.Join(i.kept, name), target))
	if errors.Is(err, fs.ErrNotExist) {
		return write(target, nil)
	}
	return err
}

func (i images) remove(name string) error { return os.RemoveAll(filepath.Join(i.kept, name)) }

// place puts the images in place of the data.
func (i images) place() error {
	list, err := os.ReadDir(i.data)
	for _, entry := range list {
		err = errors.Join(err, os.RemoveAll(filepath.Join(i.data, entry.Name())))
	}
	return errors.Join(err, replicate(i.kept, i.data))
}

// replicate copies the folders and files in a folder.
func replicate(from, to string) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch target := filepath.Join(to, name); {
		case e.IsDir():
			return os.MkdirAll(target, 0o700)
		case e.Type().IsRegular():
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return write(target, text)
		}
		return nil
	})
}

func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
