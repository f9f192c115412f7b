package sqlite

import "context"

// This file is what a group says to SQLite. Nothing of it can be interrupted by
// a caller: the group belongs to others, too.

func (g *group) exec(statement string) error {
	_, err := g.conn.ExecContext(context.Background(), statement)
	return err
}

func (g *group) scan(field any, query string) error {
	return g.conn.QueryRowContext(context.Background(), query).Scan(field)
}

// underWay tells whether the connection is inside a transaction.
func (g *group) underWay() (open bool) {
	_ = g.conn.Raw(func(driver any) error {
		open = !driver.(interface{ AutoCommit() bool }).AutoCommit()
		return nil
	})
	return open
}

// changes counts what the connection has ever changed: rows, and the schema.
func (g *group) changes() (n int64, err error) {
	err = g.scan(&n, "SELECT total_changes() + schema_version FROM pragma_schema_version")
	return n, err
}

// close ends the transaction if it is still open, and gives the connection back.
func (g *group) close() error {
	if g.underWay() {
		_ = g.exec("ROLLBACK") // an error means that it has just ended
	}
	return g.conn.Close()
}
