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

	"example.com/dtx/ch05-2pc/dbms"
	"example.com/dtx/ch05-2pc/delivery"
	"example.com/dtx/ch05-2pc/mariadb"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/payment"
	"example.com/dtx/ch05-2pc/postgres"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/servers"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
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
	b, err := openBackends(pg, maria)
	if err != nil {
		return nil, err
	}
	return []lab.Variant{b.variant()}, nil
}

// shopName says in a server whose branches these are.
const shopName = "dtx"

// backends are the two servers: their DSNs, and the branches in them.
type backends struct {
	pg, maria string
	units     *postgres.Branches
	cents     *mariadb.Branches
}

func openBackends(pg, maria string) (b backends, err error) {
	b.pg, b.maria = pg, maria
	if b.units, err = postgres.Open(pg, shopName, "stock", stock.Rules()); err != nil {
		return b, err
	}
	b.cents, err = mariadb.Open(maria, shopName, "payment", payment.Rules())
	return b, err
}

func (b backends) close() error { return errors.Join(b.units.Close(), b.cents.Close()) }

// variant is the shop on the two servers. Its processes find their DSNs in the
// environment.
func (b backends) variant() lab.Variant {
	v := inRows()
	v.Environ = []string{postgresVariable + "=" + b.pg, mariadbVariable + "=" + b.maria}
	v.Name, v.About = "databases", "the same coordinator, stock in PostgreSQL, payment in MariaDB"
	v.Services = []lab.Service{
		coordinator("", twopc.MaxPlaces),
		inServer("stock", b.units.Reads, stock.Rules(), b.units),
		inServer("payment", b.cents.Reads, payment.Rules(), b.cents),
		inOwnRows("delivery", delivery.Schema, delivery.New),
	}
	return v
}

// databases shows a transaction in doubt, as the servers list it, when the
// coordinator and both servers have been killed, and how it ends.
func databases(ctx context.Context, t *lab.Teller) (err error) {
	pg, err := servers.Postgres(ctx)
	if err != nil {
		return skipWithoutServer(t, err)
	}
	defer func() { err = errors.Join(err, pg.Stop()) }()
	maria, err := servers.MariaDB(ctx)
	if err != nil {
		return skipWithoutServer(t, err)
	}
	defer func() { err = errors.Join(err, maria.Stop()) }()
	both, err := openBackends(pg.DSN, maria.DSN)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, both.close()) }()
	if err := both.furnish(ctx); err != nil {
		return err
	}
	v := both.variant()
	restart := func(ctx context.Context, cluster *real.Cluster) error {
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
	}
	b, err := block(ctx, v, fault.CrashAfter, restart)
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

// skipWithoutServer passes over an experiment for which this machine lacks a server.
func skipWithoutServer(t *lab.Teller, err error) error {
	if errors.Is(err, servers.ErrNotInstalled) {
		t.Say("%v", err)
		return nil
	}
	return err
}

// insist asks again, for a while: connections of a pool may be of a server that
// was killed, and a prepared branch may be bound to one that is just ending.
func insist[T any](
	ctx context.Context, ask func(context.Context) (T, error),
) (answer T, err error) {
	for n := range 5 {
		if answer, err = ask(ctx); err == nil || places.Pause(ctx, "insist", n) != nil {
			break
		}
	}
	return answer, err
}

// inServer is a participant whose database is a server.
func inServer(
	name string, db *sql.DB, rules participant.Rules, branches participant.Branches,
) lab.Service {
	return lab.Service{
		Name: name,
		New: func(_ *sqlite.DB, client *http.Client) http.Handler {
			return participant.New(branches, client, rules)
		},
		Ledger: func(ctx context.Context) (l lab.Ledger, err error) {
			if l.Balances, err = dbms.Query(ctx, db, func(b *lab.Balance) []any {
				b.Kind = name
				return []any{&b.Account, &b.Amount}
			}, "SELECT name, amount FROM accounts ORDER BY name"); err != nil {
				return l, err
			}
			if l.Effects, err = dbms.Query(ctx, db, func(e *lab.Effect) []any {
				e.Kind = name
				return []any{&e.Order, &e.Account, &e.Amount}
			}, `SELECT order_id, name, amount FROM branches
				WHERE state = 'committed' ORDER BY id`); err != nil {
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

// furnish makes the tables of both servers anew. What is in doubt there is rolled
// back first: it would keep the tables from being dropped.
func (b backends) furnish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	const clear = "DROP TABLE IF EXISTS branches; DROP TABLE IF EXISTS accounts;"
	for _, server := range []struct {
		participant.Branches
		db         *sql.DB
		statements string
	}{
		{b.units, b.units.Reads, clear + postgres.Schema + stock.Accounts},
		{b.cents, b.cents.Reads, clear + mariadb.Schema + payment.Accounts},
	} {
		doubts, err := insist(ctx, server.InDoubt)
		for _, id := range doubts {
			_, failed := insist(ctx, func(ctx context.Context) (struct{}, error) {
				return struct{}{}, server.Abort(ctx, id)
			})
			err = errors.Join(err, failed)
		}
		if err := errors.Join(err, each(ctx, server.db, server.statements)); err != nil {
			return err
		}
	}
	return nil
}

// each runs statements one after the other.
func each(ctx context.Context, db *sql.DB, statements string) error {
	for s := range strings.SplitSeq(statements, ";") {
		if strings.TrimSpace(s) == "" {
			continue
		}
		_, err := insist(ctx, func(ctx context.Context) (sql.Result, error) {
			return db.ExecContext(ctx, s)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", strings.TrimSpace(s), err)
		}
	}
	return nil
}
