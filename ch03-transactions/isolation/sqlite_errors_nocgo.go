//go:build !cgo

package isolation

// refusedBySQLite names no error: without a C compiler there is no SQLite, and no
// error of it.
func refusedBySQLite(error) string { return "" }
