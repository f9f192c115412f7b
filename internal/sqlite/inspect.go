package sqlite

import (
	"context"
	"errors"
)

// Inspect runs fn on a snapshot of somebody else's database: an audit's way to
// read what is true, past the service that owns it.
func Inspect(ctx context.Context, path string, fn func(*Tx) error) error {
	settings := readOnly()
	settings.Set("_busy_timeout", "5000") // ms: its owner may be opening or closing it
	reader, err := newPool(path, settings, 1)
	if err != nil {
		return err
	}
	db := &DB{reader: reader}
	return errors.Join(db.View(ctx, fn), reader.close())
}
