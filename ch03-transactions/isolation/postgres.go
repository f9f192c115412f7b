package isolation

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// Postgres is the PostgreSQL to which open opens pools of connections
// (https://www.postgresql.org/docs/current/transaction-iso.html).
func Postgres(open func() (*sql.DB, error)) Database {
	level := func(name string) Level {
		return Level{Name: name, begin: "BEGIN ISOLATION LEVEL " + name}
	}
	return Database{
		Name: "PostgreSQL",
		Levels: []Level{
			level("READ UNCOMMITTED"),
			level("READ COMMITTED"),
			level("REPEATABLE READ"),
			level("SERIALIZABLE"),
		},
		open: func(string, Level) (*sql.DB, error) { return open() },
		schema: schema{
			"CREATE SCHEMA {name}", "SET search_path = {name}", "DROP SCHEMA {name} CASCADE",
		},
		versionOf: "SHOW server_version",
		idOf:      "SELECT pg_backend_pid()",
		waits: func(ctx context.Context, watcher *sql.Conn, id int) (waits bool, err error) {
			const blocked = "SELECT cardinality(pg_blocking_pids($1)) > 0"
			err = watcher.QueryRowContext(ctx, blocked, id).Scan(&waits)
			return waits, err
		},
		refusal: refusedByPostgres,
	}
}

// refusedByPostgres names the errors of class 40, "transaction rollback"
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
func refusedByPostgres(err error) string {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return ""
	}
	names := map[string]string{"40001": "serialization_failure", "40P01": "deadlock_detected"}
	return names[refused.Code]
}
