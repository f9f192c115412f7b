package servers

import (
	"context"
	"database/sql"
	"path/filepath"

	"github.com/go-sql-driver/mysql"

	"example.com/dtx/internal/machine"
)

// MariaDB starts a MariaDB: every commit on the disk before it is answered, no
// binary log, its user "root" in the database "test". DTX_MARIADB may hold the
// DSN of a server that is running already; its database has to be one that
// experiments may change. The context bounds the start, not the server's life.
// The error wraps ErrNotInstalled where there is no MariaDB.
func MariaDB(ctx context.Context) (*Server, error) { return start(ctx, mariadb()) }

func mariadb() kind {
	socket := func(dir string) string { return filepath.Join(dir, "socket") }
	const log = "--innodb-log-file-size=16M"
	tool := machine.MariaDB()
	return kind{
		name: tool.Name, places: tool.Places,
		install: tool.HowTo(machine.Unknown), variable: "DTX_MARIADB",
		programs: [2]string{"mariadb-install-db", "mariadbd"},
		end:      "KILL", // its one process: nothing is left
		make: func(install string) []string {
			return []string{install, "--no-defaults", "--datadir=./data",
				"--auth-root-authentication-method=normal", "--loose-debug-no-sync", log,
			}
		},
		serve: func(exe, dir string) []string {
			return []string{exe, "--no-defaults",
				"--datadir=" + filepath.Join(dir, "data"), "--tmpdir=" + dir,
				"--socket=" + socket(dir), "--skip-networking", "--skip-log-bin",
				"--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=32M", log,
			}
		},
		dsn: func(dir string) string {
			c := mysql.NewConfig()
			c.User, c.Net, c.Addr, c.DBName = "root", "unix", socket(dir), "test"
			return c.FormatDSN()
		},
		open: openMariaDB,
	}
}

// openMariaDB leaves it to errors to tell about broken connections: by itself
// the driver writes about them to the standard error, too.
func openMariaDB(dsn string) (*sql.DB, error) {
	c, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	c.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
