package isolation

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"

	_ "github.com/mattn/go-sqlite3" // the driver
)

// SQLite is SQLite in files of a directory, in WAL mode. It has one level, which
// it calls serializable, and two ways to begin: after BEGIN the first write takes
// the lock for writing, BEGIN IMMEDIATE takes it at once. Connections of one
// process that share a cache may also read what is not committed
// (https://www.sqlite.org/isolation.html, https://www.sqlite.org/sharedcache.html).
//
// No session waits: with a busy timeout of 0, a session that cannot have a lock gets
// an error.
func SQLite(dir string) Database {
	// nothing is to be made, entered or dropped: a play has a file of its own.
	const nothing = "SELECT 0"
	return Database{
		Name: "SQLite",
		Levels: []Level{
			{Name: "BEGIN", begin: "BEGIN"},
			{Name: "BEGIN IMMEDIATE", begin: "BEGIN IMMEDIATE"},
			{
				Name: "READ UNCOMMITTED, shared cache", begin: "BEGIN",
				shared: true, set: []string{"PRAGMA read_uncommitted = on"},
			},
		},
		open: func(name string, l Level) (*sql.DB, error) {
			return openSQLite(filepath.Join(dir, name+".db"), l.shared)
		},
		schema:    schema{nothing, nothing, nothing},
		versionOf: "SELECT sqlite_version()",
		idOf:      nothing,
		waits:     func(context.Context, *sql.Conn, int) (bool, error) { return false, nil },
		refusal:   refusedBySQLite,
	}
}

func openSQLite(path string, shared bool) (*sql.DB, error) {
	settings := url.Values{"_journal_mode": {"WAL"}, "_busy_timeout": {"0"}}
	if shared {
		settings.Set("cache", "shared")
	}
	file := url.URL{
		Scheme:   "file",
		OmitHost: true,
		Path:     filepath.ToSlash(path),
		RawQuery: settings.Encode(),
	}
	return sql.Open("sqlite3", file.String())
}
