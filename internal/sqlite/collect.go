package sqlite

import "context"

// Collect reads all rows of a query. Fields says where the columns of a row go.
func Collect[T any](
	ctx context.Context, db *DB, fields func(*T) []any, query string, args ...any,
) ([]T, error) {
	list := []T{}
	err := db.View(ctx, func(tx *Tx) error {
		rows, err := tx.Query(query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var row T
			if err := rows.Scan(fields(&row)...); err != nil {
				return err
			}
			list = append(list, row)
		}
		return rows.Err()
	})
	return list, err
}
