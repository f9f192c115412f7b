//go:build !cgo

package isolation

// Without a C compiler there is no SQLite, and no error of it.
func refusedBySQLite(error) string { return "" }
