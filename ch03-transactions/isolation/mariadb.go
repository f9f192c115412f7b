package isolation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// MariaDB is the MariaDB to which open opens pools of connections
// (https://mariadb.com/kb/en/set-transaction/). The variable
// innodb_snapshot_isolation is on by default from version 11.6.2, and off in
// those before that have it, which are 10.6.18, 10.11.8 and later; here each
// level says which it means.
func MariaDB(open func() (*sql.DB, error)) Database {
	level := func(name, snapshot string) Level {
		return Level{begin: "BEGIN", set: []string{
			"SET SESSION TRANSACTION ISOLATION LEVEL " + name,
			"SET SESSION innodb_snapshot_isolation = " + snapshot,
			"SET SESSION innodb_lock_wait_timeout = 5",
		}}.named(name)
	}
	return Database{
		Name: "MariaDB",
		Levels: []Level{
			level("READ UNCOMMITTED", "OFF"),
			level("READ COMMITTED", "OFF"),
			level("REPEATABLE READ", "OFF"),
			level("REPEATABLE READ", "ON").named("REPEATABLE READ, snapshot isolation"),
			level("SERIALIZABLE", "OFF"),
		},
		open:      func(string, Level) (*sql.DB, error) { return open() },
		schema:    schema{"CREATE SCHEMA {name}", "USE {name}", "DROP SCHEMA {name}"},
		versionOf: "SELECT VERSION()",
		idOf:      "SELECT CONNECTION_ID()",
		waits:     waitsInMariaDB,
		refusal:   refusedByMariaDB,
	}
}

// waitsInMariaDB reads it from a report for people. The same is in
// information_schema.innodb_trx, but that is renewed only for those who have
// not asked for a tenth of a second.
func waitsInMariaDB(ctx context.Context, watcher *sql.Conn, id int) (bool, error) {
	var kind, name, report string
	row := watcher.QueryRowContext(ctx, "SHOW ENGINE INNODB STATUS")
	if err := row.Scan(&kind, &name, &report); err != nil {
		return false, err
	}
	session := fmt.Sprintf("thread id %d,", id)
	for _, transaction := range strings.Split(report, "---TRANSACTION")[1:] {
		if strings.Contains(transaction, session) {
			return strings.Contains(transaction, "LOCK WAIT"), nil
		}
	}
	return false, nil
}

// refusedByMariaDB names the errors in https://mariadb.com/kb/en/mariadb-error-code-reference/
// that are about another session.
func refusedByMariaDB(err error) string {
	var refused *mysql.MySQLError
	if !errors.As(err, &refused) {
		return ""
	}
	names := map[uint16]string{
		1213: "ER_LOCK_DEADLOCK",
		1205: "ER_LOCK_WAIT_TIMEOUT",
		1020: "ER_CHECKREAD",
	}
	return names[refused.Number]
}
