package sqlite

import "math"

// Unbounded lets the write-ahead log grow as long as it will.
func (db *DB) Unbounded() { db.nextShort = math.MaxInt64 }

// OnParse has SQLite call a function whenever it parses a statement of an update. The
// check of foreign keys that may be put off ends.
func (db *DB) OnParse(call func()) error {
	return db.writer.Raw(func(driver any) error {
		driver.(authorized).RegisterAuthorizer(func(int, string, string, string) int {
			call()
			return 0
		})
		return nil
	})
}
