package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"example.com/dtx/ch05-2pc/delivery"
	"example.com/dtx/ch05-2pc/mariadb"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/payment"
	"example.com/dtx/ch05-2pc/postgres"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

// The environment of a process that is to use database servers: their DSNs.
const (
	postgresVariable = "CH05_POSTGRES"
	mariadbVariable  = "CH05_MARIADB"
)

// inDatabases is the same protocol, with the branches of stock in PostgreSQL and
// those of payment in MariaDB, if the environment says where these are.
func inDatabases() ([]lab.Variant, error) {
	pg, maria := os.Getenv(postgresVariable), os.Getenv(mariadbVariable)
	if pg == "" || maria == "" {
		return nil, nil
	}
	units, err := openPostgres(pg)
	if err != nil {
		return nil, err
	}
	cents, err := openMariaDB(maria)
	if err != nil {
		return nil, err
	}
	return []lab.Variant{inServers(pg, maria, units, cents)}, nil
}

// inServers is the variant on two servers: their DSNs, for the services'
// processes, and connections, for the audit.
func inServers(pg, maria string, units, cents *sql.DB) lab.Variant {
	v := inRows()
	v.Environ = []string{postgresVariable + "=" + pg, mariadbVariable + "=" + maria}
	v.Name, v.About = "databases", "the same coordinator, stock in PostgreSQL, payment in MariaDB"
	v.Services = []lab.Service{
		coordinator(),
		inServer("stock", 7501, units, stock.Rules(), postgres.New(units, stock.Rules())),
		inServer("payment", 7502, cents, payment.Rules(), mariadb.New(cents, "payment", payment.Rules())),
		inOwnRows("delivery", 7503, delivery.Schema, delivery.New),
	}
	return v
}

// maxConnections bounds a pool: a server has some hundred for all who use it, and
// turns away who comes then. In a pool they wait.
const maxConnections = 32

func openPostgres(dsn string) (*sql.DB, error) {
	db, err := sql.Open("pgx", dsn)
	if err == nil {
		db.SetMaxOpenConns(maxConnections)
	}
	return db, err
}

// databases shows a transaction in doubt, as the servers list it, when the
// coordinator and both servers have been killed, and how it ends.
func databases(ctx context.Context, t *lab.Teller) (err error) {
	pg, err := servers.Postgres(ctx)
	if err != nil {
		return missing(t, err)
	}
	defer func() { err = errors.Join(err, pg.Stop()) }()
	maria, err := servers.MariaDB(ctx)
	if err != nil {
		return missing(t, err)
	}
	defer func() { err = errors.Join(err, maria.Stop()) }()
	units, err := openPostgres(pg.DSN)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, units.Close()) }()
	cents, err := openMariaDB(maria.DSN)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cents.Close()) }()
	if err := furnish(ctx, units, cents); err != nil {
		return err
	}
	v := inServers(pg.DSN, maria.DSN, units, cents)
	b, err := block(ctx, v, fault.CrashAfter, func(ctx context.Context, cluster *lab.Cluster) error {
		for _, s := range []*servers.Server{pg, maria} {
			if err := errors.Join(s.Kill(), s.Start(ctx)); err != nil {
				return err
			}
		}
		ledger, err := insist(ctx, cluster.Ledger)
		for _, s := range ledger.Stuck {
			t.Say("stuck     %s", s)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := t.Draw(v.Columns(), b.Events); err != nil {
		return err
	}
	for _, e := range b.Ledger.Effects {
		t.Say("ledger    %s: %s %s %d", e.Order, e.Kind, e.Account, e.Amount)
	}
	return nil
}

// missing passes over an experiment for which this machine lacks a server.
func missing(t *lab.Teller, err error) error {
	if errors.Is(err, servers.ErrNotInstalled) {
		t.Say("%v", err)
		return nil
	}
	return err
}

// insist asks again, for a while: connections of a pool may be of a server that
// was killed, and a prepared branch may be bound to one that is just ending.
func insist[T any](ctx context.Context, ask func(context.Context) (T, error)) (answer T, err error) {
	for n := range 10 {
		if answer, err = ask(ctx); err == nil || !twopc.Sleep(ctx, time.Duration(n)*10*time.Millisecond) {
			break
		}
	}
	return answer, err
}

// openMariaDB keeps the driver from writing to the standard error: its errors say
// all there is.
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
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(maxConnections)
	return db, nil
}

// inServer is a participant whose database is a server.
func inServer(name string, port int, db *sql.DB, rules participant.Rules, branches participant.Branches) lab.Service {
	return lab.Service{
		Name: name, Port: port,
		New: func(_ *sqlite.DB, client *http.Client) http.Handler { return participant.New(branches, client, rules) },
		Ledger: func(ctx context.Context) (l lab.Ledger, err error) {
			if l.Balances, err = read(ctx, db, "SELECT name, amount FROM accounts ORDER BY name", func(b *lab.Balance) []any {
				b.Kind = name
				return []any{&b.Account, &b.Amount}
			}); err != nil {
				return l, err
			}
			if l.Effects, err = read(ctx, db, "SELECT order_id, name, amount FROM branches WHERE state = 'committed' ORDER BY id", func(e *lab.Effect) []any {
				e.Kind = name
				return []any{&e.Order, &e.Account, &e.Amount}
			}); err != nil {
				return l, err
			}
			doubts, err := branches.InDoubt(ctx)
			for _, id := range doubts {
				l.Stuck = append(l.Stuck, fmt.Sprintf("%s: %s is in doubt", name, id))
			}
			return l, err
		},
	}
}

// read reads every row of a query into a T, whose columns fields names.
func read[T any](ctx context.Context, db *sql.DB, query string, fields func(*T) []any) (list []T, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row T
		if err := rows.Scan(fields(&row)...); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

// furnish makes the tables of both servers anew. What is in doubt there is rolled
// back first: it would keep the tables from being dropped.
func furnish(ctx context.Context, pg, maria *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for _, b := range []participant.Branches{postgres.New(pg, stock.Rules()), mariadb.New(maria, "payment", payment.Rules())} {
		doubts, err := insist(ctx, b.InDoubt)
		for _, id := range doubts {
			_, failed := insist(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, b.Abort(ctx, id) })
			err = errors.Join(err, failed)
		}
		if err != nil {
			return err
		}
	}
	const clear = "DROP TABLE IF EXISTS branches; DROP TABLE IF EXISTS accounts;"
	return errors.Join(each(ctx, pg, clear+postgres.Schema+stock.Accounts), each(ctx, maria, clear+mariadb.Schema+payment.Accounts))
}

// each runs statements one after the other.
func each(ctx context.Context, db *sql.DB, statements string) error {
	for s := range strings.SplitSeq(statements, ";") {
		if strings.TrimSpace(s) == "" {
			continue
		}
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", strings.TrimSpace(s), err)
		}
	}
	return nil
}
