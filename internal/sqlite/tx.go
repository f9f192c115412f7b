package sqlite

import (
	"context"
	"database/sql"
	"sync/atomic"
)

// Tx is a transaction that is under way. It can neither commit nor roll back:
// both belong to the code that opened it. When it has ended, all its methods fail
// with sql.ErrTxDone.
type Tx struct {
	ctx    context.Context
	conn   *sql.Conn
	before func() error // each statement; nil lets all pass
	rows   []*sql.Rows
	ended  atomic.Bool
}

// check tells why a statement cannot run.
func (tx *Tx) check() error {
	if tx.ended.Load() {
		return sql.ErrTxDone
	}
	if tx.before == nil {
		return nil
	}
	return tx.before()
}

// Exec runs a statement that returns no rows.
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) {
	if err := tx.check(); err != nil {
		return nil, err
	}
	return tx.conn.ExecContext(tx.ctx, query, args...)
}

// Query runs a statement that returns rows. They end with the transaction.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	if err := tx.check(); err != nil {
		return nil, err
	}
	rows, err := tx.conn.QueryContext(tx.ctx, query, args...)
	if err == nil {
		tx.rows = append(tx.rows, rows)
	}
	return rows, err
}

// QueryRow runs a statement that returns one row at most.
func (tx *Tx) QueryRow(query string, args ...any) Row {
	rows, err := tx.Query(query, args...)
	return Row{rows, err}
}

// end closes the rows that are still open, and the transaction to its user.
func (tx *Tx) end() {
	tx.ended.Store(true)
	for _, rows := range tx.rows {
		_ = rows.Close() // its error is of no use now
	}
	tx.rows = nil
}

// Row is the answer to a QueryRow.
type Row struct {
	rows *sql.Rows
	err  error
}

// Scan copies the row's columns. It returns sql.ErrNoRows if there is no row.
func (r Row) Scan(fields ...any) error {
	if r.err != nil {
		return r.err
	}
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := r.rows.Scan(fields...); err != nil {
		return err
	}
	return r.rows.Close()
}
