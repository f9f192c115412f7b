package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch05-2pc/dbms"
	"example.com/dtx/ch05-2pc/mariadb"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/payment"
	"example.com/dtx/ch05-2pc/postgres"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/servers"
)

// store is a participant's branches in a server, and an operator's way into it.
type store struct {
	participant.Branches
	pools            dbms.Pools
	furnish          func(context.Context) error
	operator         *sql.DB
	account, another string
	unknown          httpapi.Kind
	strangers        []string // statements that prepare what is not the shop's, in a session each
	begin            string   // the statement that begins a branch
	prepared         string   // lists all that is prepared in the server
	waiting          string   // counts the sessions that wait for a lock
	visited          string   // counts the rows that have been read; PostgreSQL tells it too late
	// other returns branches of the same names, in the server's other database.
	other func(t *testing.T) participant.Branches
}

func (s databaseShop) inPostgres(t *testing.T) store {
	prepare := func(id string) string { return "BEGIN; SELECT 1; PREPARE TRANSACTION '" + id + "'" }
	return store{
		Branches: s.units, pools: s.units.Pools, furnish: s.furnish,
		operator: operator(t, s.postgres),
		account:  "tea", another: "salt", unknown: httpapi.UnknownItem,
		strangers: []string{
			prepare(""), prepare("theirs"), prepare("order-1.1.1"), prepare("dtx/postgres/stock"),
			prepare("dtx/postgres/stock/order-1.1.1"),
			prepare("dtx/postgres/stocks/order-1.1.1/0123456789abcdef"),
		},
		begin:    "BEGIN",
		prepared: "SELECT string_agg(gid, ' ' ORDER BY gid) FROM pg_prepared_xacts",
		waiting:  "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
		other: func(t *testing.T) participant.Branches {
			dsn := strings.Replace(s.postgres.DSN, "dbname=postgres", "dbname=other", 1)
			b, err := postgres.Open(dsn, shopName, "stock", stock.Rules())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, b.Close()) })
			require.NoError(t, each(t.Context(), s.units.Reads, "CREATE DATABASE other"))
			require.NoError(t, each(t.Context(), b.Reads, postgres.Schema+stock.Accounts))
			return b
		},
	}
}

func (s databaseShop) inMariaDB(t *testing.T) store {
	prepare := func(xid string) string {
		return fmt.Sprintf("XA START %s; SELECT 1; XA END %s; XA PREPARE %s", xid, xid, xid)
	}
	return store{
		Branches: s.cents, pools: s.cents.Pools, furnish: s.furnish,
		operator: operator(t, s.mariadb),
		account:  "ada", another: "bob", unknown: httpapi.UnknownCustomer,
		strangers: []string{
			prepare("'theirs'"), prepare("'order-1.1.1'"), prepare("'order-1.1.1','payment'"),
			prepare("'order-9.1.1','dtx/test/payment',7"), prepare("X'FF00','dtx'"),
			prepare("'order-1.1.1dtx','/test/payment'"),
		},
		begin:    "XA START 'order-1.1.1','dtx/test/payment'",
		prepared: "XA RECOVER",
		waiting: `SELECT count(*) FROM information_schema.processlist
			WHERE state LIKE 'Waiting for table metadata lock' OR id IN
				(SELECT trx_mysql_thread_id FROM information_schema.innodb_trx
					WHERE trx_state = 'LOCK WAIT')`,
		visited: `SELECT CAST(sum(variable_value) AS SIGNED)
			FROM information_schema.global_status WHERE variable_name LIKE 'handler_read%'`,
		other: func(t *testing.T) participant.Branches {
			dsn := strings.Replace(s.mariadb.DSN, "/test", "/other", 1)
			b, err := mariadb.Open(dsn, shopName, "payment", payment.Rules())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, b.Close()) })
			require.NoError(t, each(t.Context(), s.cents.Reads, "CREATE DATABASE other"))
			require.NoError(t, each(t.Context(), b.Reads, mariadb.Schema+payment.Accounts))
			return b
		},
	}
}

func operator(t *testing.T, s *servers.Server) *sql.DB {
	t.Helper()
	db, err := s.Open()
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() }) // the server may have gone first
	return db
}

// test tries on one server what holds for both.
func (b store) test(t *testing.T) {
	for _, row := range []struct {
		name string
		test func(*testing.T, store)
	}{
		{"what others have prepared is left alone", strangersAreLeftAlone},
		{"two databases of one server prepare the same id", oneServer},
		{"a known id with other content is refused", otherContent},
		{"a name that no account can have is unknown", names},
		{"what is not found is not taken for done", notFound},
		{"an abort that overtakes its branch is told: not now", overtaken},
		{"a commit that comes twice at once is done once", twice},
		{"readers that wait hold no connection", readers},
		{"an operator who changes a table keeps no commit back", queued},
		{"a commit needs no connection of readers and votes", apartFrom},
		{"more prepare at once than there are connections", prepareAtOnce},
		{"no history is read", history},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.NoError(t, b.furnish(t.Context()))
			row.test(t, b)
		})
	}
}

// one is what a branch wants of an account.
func (b store) one(name string) participant.Wanted {
	return participant.Wanted{Order: "order-1", Name: name, Amount: 1}
}

func (b store) prepare(t *testing.T, id string, w participant.Wanted) {
	t.Helper()
	vote, err := b.Prepare(t.Context(), id, w)
	require.NoError(t, err, id)
	require.Equal(t, twopc.Yes, vote.Vote, id)
}

// commit commits a branch. MariaDB may need a moment to end the connection that has
// prepared it.
func (b store) commit(t *testing.T, id string) {
	t.Helper()
	committed := func() bool { return b.Commit(t.Context(), id) == nil }
	require.Eventually(t, committed, time.Minute, time.Millisecond, id)
}

// session runs statements in a session of an operator, which is returned.
func (b store) session(t *testing.T, statements string) *sql.Conn {
	t.Helper()
	conn, err := b.operator.Conn(t.Context())
	require.NoError(t, err)
	for s := range strings.SplitSeq(statements, "; ") {
		_, err := conn.ExecContext(t.Context(), s)
		require.NoError(t, err, s)
	}
	return conn
}

// leave ends a session for good.
func leave(conn *sql.Conn) { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }

// all lists what is prepared in the server.
func (b store) all(t *testing.T) (list []string) {
	t.Helper()
	rows, err := b.operator.QueryContext(t.Context(), b.prepared)
	require.NoError(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	for rows.Next() {
		values, fields := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			fields[i] = &values[i]
		}
		require.NoError(t, rows.Scan(fields...))
		list = append(list, fmt.Sprint(values))
	}
	return list
}

func (b store) count(t *testing.T, query string) (n int64) {
	t.Helper()
	require.NoError(t, b.operator.QueryRowContext(t.Context(), query).Scan(&n))
	return n
}

func strangersAreLeftAlone(t *testing.T, b store) {
	for _, s := range b.strangers {
		conn := b.session(t, s)
		leave(conn)
	}
	before := b.all(t)
	require.NotEmpty(t, before)
	doubts, err := b.InDoubt(t.Context())
	require.NoError(t, err)
	require.Empty(t, doubts, "what is not ours is not asked about")
	for _, id := range []string{"theirs", "order-1.1.1", "order-9.1.1"} {
		require.ErrorIs(t, b.Commit(t.Context(), id), httpapi.NotFound, id)
		require.NoError(t, b.Abort(t.Context(), id), id)
	}
	require.Equal(t, before, b.all(t), "all of it is still there")
}

func oneServer(t *testing.T, b store) {
	other := store{Branches: b.other(t)}
	b.prepare(t, "order-1.1.1", b.one(b.account))
	other.prepare(t, "order-1.1.1", b.one(b.account))
	b.commit(t, "order-1.1.1")
	doubts, err := other.InDoubt(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"order-1.1.1"}, doubts, "the other database's is not committed")
	other.commit(t, "order-1.1.1")
}

func otherContent(t *testing.T, b store) {
	b.prepare(t, "order-1.1.1", b.one(b.account))
	for _, state := range []string{"prepared", "committed"} {
		if state == "committed" {
			b.commit(t, "order-1.1.1")
		}
		b.prepare(t, "order-1.1.1", b.one(b.account))
		for _, w := range []participant.Wanted{
			{Order: "order-2", Name: b.account, Amount: 1},
			{Order: "order-1", Name: b.another, Amount: 1},
			{Order: "order-1", Name: b.account, Amount: 2},
		} {
			vote, err := b.Prepare(t.Context(), "order-1.1.1", w)
			require.ErrorIs(t, err, httpapi.KeyReused,
				"%s, and now wanted: %v; the vote is %q", state, w, vote.Vote)
		}
	}
}

func names(t *testing.T, b store) {
	for i, name := range []string{
		"a\x00", "\x00", strings.Repeat("a", 1000), strings.ToUpper(b.account),
		b.account + " ", b.account + "\u0301",
	} {
		_, err := b.Prepare(t.Context(), fmt.Sprintf("order-1.1.%d", i), b.one(name))
		require.ErrorIs(t, err, b.unknown, "%q", name)
		_, err = b.Account(t.Context(), name)
		require.ErrorIs(t, err, httpapi.NotFound, "%q", name)
		w := participant.Wanted{Order: name, Name: b.account, Amount: 1}
		id := fmt.Sprintf("order-2.1.%d", i)
		_, err = b.Prepare(t.Context(), id, w)
		require.NotEqual(t, httpapi.Unknown, httpapi.OutcomeOf(err),
			"the order is %q: %v", name, err)
		aborted := func() bool { return b.Abort(t.Context(), id) == nil }
		require.Eventually(t, aborted, time.Minute, time.Millisecond)
	}
}

// notFound asks about branches that are not prepared, for three reasons.
func notFound(t *testing.T, b store) {
	ctx := t.Context()
	require.ErrorIs(t, b.Commit(ctx, "never.1.1"), httpapi.NotFound, "it was never prepared")
	b.prepare(t, "order-1.1.1", b.one(b.account))
	_, err := b.Prepare(ctx, "order-2.1.2", b.one(b.account))
	require.ErrorIs(t, err, httpapi.Locked, "another transaction wants the row")
	b.commit(t, "order-1.1.1")
	require.NoError(t, b.Commit(ctx, "order-1.1.1"), "it comes again")
	require.ErrorIs(t, b.Abort(ctx, "order-1.1.1"), httpapi.NotFound,
		"an operator is not told that it is undone")
	require.NoError(t, b.Abort(ctx, "order-3.1.3"), "an abort overtakes its prepare")
	_, err = b.Prepare(ctx, "order-3.1.3", b.one(b.account))
	require.ErrorIs(t, err, httpapi.Unavailable, "it meets its tombstone")
	doubts, err := b.InDoubt(ctx)
	require.NoError(t, err)
	require.Empty(t, doubts)
}

func overtaken(t *testing.T, b store) {
	conn := b.session(t, b.begin+"; INSERT INTO branches "+
		"VALUES ('order-1.1.1', 'order-1', 'tea', 1, 'committed')")
	require.ErrorIs(t, b.Abort(t.Context(), "order-1.1.1"), httpapi.Unavailable,
		"the branch is at work")
	leave(conn)
	aborted := func() bool { return b.Abort(t.Context(), "order-1.1.1") == nil }
	require.Eventually(t, aborted, time.Minute, time.Millisecond)
}

func twice(t *testing.T, b store) {
	b.prepare(t, "order-1.1.1", b.one(b.account))
	before, err := b.Accounts(t.Context())
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { _ = b.Commit(t.Context(), "order-1.1.1") })
	}
	wg.Wait()
	b.commit(t, "order-1.1.1")
	after, err := b.Accounts(t.Context())
	require.NoError(t, err)
	for i := range before {
		if before[i].Name == b.account {
			require.Equal(t, "order-1.1.1", before[i].Lock)
			before[i].Amount, before[i].Lock = before[i].Amount-1, ""
		}
	}
	require.Equal(t, before, after)
}

// readers has as many readers wait for a branch as a server has connections, times four.
func readers(t *testing.T, b store) {
	b.prepare(t, "order-1.1.1", b.one(b.account))
	asked := atomic.Int64{}
	reading, end := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	const all = 400
	for range all {
		wg.Go(func() {
			for first := true; reading.Err() == nil; first = false {
				_, _ = b.Account(reading, b.account)
				if first {
					asked.Add(1)
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	most := int64(0)
	require.Eventually(t, func() bool {
		most = max(most, b.count(t, b.waiting))
		return asked.Load() == all
	}, time.Minute, time.Millisecond)
	require.Zero(t, most, "connections that readers hold while they wait")
	b.commit(t, "order-1.1.1")
	b.prepare(t, "order-2.1.1", b.one(b.account))
	end()
	wg.Wait()
}

// queued has an operator change a table: that waits for a branch, and readers and
// branches wait for the operator, until the branch is committed.
func queued(t *testing.T, b store) {
	b.prepare(t, "order-1.1.1", b.one(b.account))
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		const change = "ALTER TABLE branches ADD COLUMN note VARCHAR(9) DEFAULT ''"
		_, _ = b.operator.ExecContext(t.Context(), change)
	})
	require.Eventually(t, func() bool {
		wanted := participant.Wanted{Order: "order-2", Name: b.another}
		_, err := b.Prepare(t.Context(), "order-2.1.1", wanted)
		return err != nil
	}, time.Minute, time.Millisecond, "the operator waits")
	coming, end := context.WithCancel(t.Context())
	defer end()
	began := sync.WaitGroup{}
	for i := range 100 {
		began.Add(1)
		wg.Go(func() {
			began.Done()
			for n := 0; coming.Err() == nil; n++ {
				id := fmt.Sprintf("order-%d.1.%d", i+2, n)
				_, _ = b.Prepare(coming, id, participant.Wanted{Name: b.another})
			}
		})
	}
	began.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, b.Commit(ctx, "order-1.1.1"),
		"all that wait for it have a connection, and it has none")
}

// apartFrom holds every connection of readers and votes.
func apartFrom(t *testing.T, b store) {
	b.prepare(t, "order-1.1.1", b.one(b.account))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for _, db := range []*sql.DB{b.pools.Reads, b.pools.Votes} {
		for range db.Stats().MaxOpenConnections {
			conn, err := db.Conn(ctx)
			require.NoError(t, err)
			defer conn.Close()
		}
	}
	require.Eventually(t, func() bool {
		return b.Commit(ctx, "order-1.1.1") == nil || ctx.Err() != nil
	}, time.Minute, time.Millisecond)
	require.NoError(t, ctx.Err(), "the commit waits for a connection")
	require.NoError(t, b.Abort(ctx, "order-2.1.1"))
	_, err := b.InDoubt(ctx)
	require.NoError(t, err)
}

// prepareAtOnce prepares at once as many transactions as there may be orders under way.
func prepareAtOnce(t *testing.T, b store) {
	const orders = 50
	names := make([]string, orders)
	for i := range names {
		names[i] = fmt.Sprintf("customer-%d", i)
		insert := "INSERT INTO accounts VALUES ('" + names[i] + "', 1)"
		_, err := b.operator.ExecContext(t.Context(), insert)
		require.NoError(t, err)
	}
	failed := make(chan error, orders)
	for i, name := range names {
		go func() {
			_, err := b.Prepare(t.Context(), fmt.Sprintf("order.1.%d", i), b.one(name))
			failed <- err
		}()
	}
	for range orders {
		require.NoError(t, <-failed)
	}
	for i := range names {
		b.commit(t, fmt.Sprintf("order.1.%d", i))
	}
}

// history runs each method once, in a table of many branches.
func history(t *testing.T, b store) {
	if b.visited == "" {
		t.Skip("this server does not tell at once how many rows have been read")
	}
	const branches = 2000
	values := make([]string, branches)
	for i := range values {
		values[i] = fmt.Sprintf("('old.1.%d', 'old', 'tea', 1, 'committed')", i)
	}
	insert := "INSERT INTO branches VALUES " + strings.Join(values, ", ")
	_, err := b.operator.ExecContext(t.Context(), insert)
	require.NoError(t, err)
	before := b.count(t, b.visited)
	b.prepare(t, "order-1.1.1", b.one(b.account))
	_, err = b.InDoubt(t.Context())
	require.NoError(t, err)
	_, err = b.Account(t.Context(), b.account)
	require.ErrorIs(t, err, httpapi.Locked)
	_, err = b.Accounts(t.Context())
	require.NoError(t, err)
	b.commit(t, "order-1.1.1")
	require.NoError(t, b.Commit(t.Context(), "order-1.1.1"))
	require.NoError(t, b.Abort(t.Context(), "order-2.1.1"))
	require.Less(t, b.count(t, b.visited)-before, int64(branches), "rows visited")
}
