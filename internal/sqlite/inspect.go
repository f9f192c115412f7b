package sqlite

import (
	"context"
	"errors"
)

// Inspect runs fn on a snapshot of somebody else's database: an audit's way to
// read what is true, past the service that owns it.
func Inspect(ctx context.Context, path string, fn func(*Tx) error) error {
	reader, err := newPool(path, readOnly(), 1)
	if err != nil {
		return err
	}
	db := &DB{reader: reader}
	return errors.Join(db.View(ctx, fn), reader.close())
}
