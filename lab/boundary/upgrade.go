package boundary

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.com/dtx/internal/sqlite"
)

// Open opens a service's database. If the file has not seen the statements of upgrade, Open
// runs them first, in one transaction; the file must exist then. After an error the
// database is as it was.
func Open(ctx context.Context, upgrade []string, config sqlite.Config) (*sqlite.DB, error) {
	if len(upgrade) > 0 {
		if err := change(ctx, upgrade, config.Path); err != nil {
			return nil, fmt.Errorf("upgrade %s: %w", config.Path, err)
		}
	}
	return sqlite.Open(ctx, config)
}

func change(ctx context.Context, upgrade []string, path string) error {
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		return err
	}
	err = db.Update(ctx, func(tx *sqlite.Tx) error {
		var done bool
		const marked = "CREATE TABLE upgraded (at TEXT) STRICT"
		const look = "SELECT count(*) FROM sqlite_schema WHERE name = 'upgraded'"
		if err := tx.QueryRow(look).Scan(&done); err != nil || done {
			return err
		}
		for _, statement := range slices.Concat(upgrade, []string{marked}) {
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, db.Close())
}
