//go:build cgo

package isolation

import (
	"errors"

	"github.com/mattn/go-sqlite3"
)

// refusedBySQLite names the errors that are about another connection
// (https://www.sqlite.org/rescode.html).
func refusedBySQLite(err error) string {
	var refused sqlite3.Error
	if !errors.As(err, &refused) {
		return ""
	}
	return map[sqlite3.ErrNoExtended]string{
		sqlite3.ErrNoExtended(sqlite3.ErrBusy):   "SQLITE_BUSY",
		sqlite3.ErrBusySnapshot:                  "SQLITE_BUSY_SNAPSHOT",
		sqlite3.ErrNoExtended(sqlite3.ErrLocked): "SQLITE_LOCKED",
		sqlite3.ErrLockedSharedCache:             "SQLITE_LOCKED_SHAREDCACHE",
	}[refused.ExtendedCode]
}
