package sqlite

import (
	"context"
	"database/sql"
)

// Tx is a transaction that is under way. It can neither commit nor roll back:
// both belong to whoever opened it.
type Tx struct {
	ctx  context.Context
	conn *sql.Conn
}

// Exec runs a statement that returns no rows.
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) {
	return tx.conn.ExecContext(tx.ctx, query, args...)
}

// Query runs a statement that returns rows. They end with the transaction.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return tx.conn.QueryContext(tx.ctx, query, args...)
}

// QueryRow runs a statement that returns one row at most; its Scan returns
// sql.ErrNoRows if there is none.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	return tx.conn.QueryRowContext(tx.ctx, query, args...)
}
