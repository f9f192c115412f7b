package sqlite

import "math"

// Unbounded lets the write-ahead log grow as long as it will.
func (db *DB) Unbounded() { db.nextShort = math.MaxInt64 }
