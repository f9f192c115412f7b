package servers

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver

	"example.com/dtx/internal/machine"
)

// Postgres starts a PostgreSQL: every commit on the disk before it is
// answered, up to 64 prepared transactions, its superuser "postgres" in the
// database "postgres". DTX_POSTGRES may hold the DSN of a server that is
// running already; its database has to be one that experiments may change.
// The context bounds the start, not the server's life. The error wraps
// ErrNotInstalled where there is no PostgreSQL.
func Postgres(ctx context.Context) (*Server, error) { return start(ctx, postgres()) }

func postgres() kind {
	tool := machine.PostgreSQL()
	return kind{
		name: tool.Name, places: tool.Places,
		install: tool.HowTo(machine.Unknown), variable: "DTX_POSTGRES",
		programs: [2]string{"initdb", "postgres"},
		// QUIT is its "immediate shutdown"; until it handles signals, TERM ends it.
		end: "TERM QUIT",
		make: func(initdb string) []string {
			return []string{initdb, "--pgdata=data", "--username=postgres", "--auth=trust",
				"--encoding=UTF8", "--locale=C", "--no-sync",
			}
		},
		serve: func(exe, dir string) []string {
			return []string{exe, "-D", filepath.Join(dir, "data"),
				"-c", "unix_socket_directories=" + dir,
				"-c", "listen_addresses=", "-c", "port=5432",
				"-c", "fsync=on", "-c", "synchronous_commit=on",
				"-c", "max_prepared_transactions=64", "-c", "shared_buffers=16MB",
				// The rest of its shared memory is in files.
				"-c", "dynamic_shared_memory_type=mmap",
			}
		},
		dsn: func(dir string) string {
			quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(dir)
			return "host='" + quoted + "' port=5432 user=postgres dbname=postgres sslmode=disable"
		},
		open: func(dsn string) (*sql.DB, error) { return sql.Open("pgx", dsn) },
	}
}
