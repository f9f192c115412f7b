package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"example.com/dtx/ch08-engine/dbos/order"
	"example.com/dtx/lab"
)

// workflows reads the engine's own tables, not through the engine.
const workflows = `SELECT s.workflow_uuid, s.status,
	coalesce(i.inputs, s.inputs, ''), coalesce(o.output, s.output, '')
	FROM dbos.workflow_status s
	LEFT JOIN dbos.workflow_input i USING (workflow_uuid)
	LEFT JOIN dbos.workflow_output o USING (workflow_uuid)`

// ledgerOf reads what the engine's tables say of the orders.
func ledgerOf(dsn string) func(context.Context) (lab.Ledger, error) {
	return func(ctx context.Context) (l lab.Ledger, err error) {
		db, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return l, err
		}
		defer func() { err = errors.Join(err, db.Close(context.WithoutCancel(ctx))) }()
		rows, err := db.Query(ctx, workflows)
		if err != nil {
			return l, err
		}
		defer rows.Close()
		for rows.Next() {
			var id, status, input, output string
			if err := rows.Scan(&id, &status, &input, &output); err != nil {
				return l, err
			}
			if err := enter(&l, id, status, input, output); err != nil {
				return l, err
			}
		}
		return l, rows.Err()
	}
}

// enter adds one workflow: an order that is placed, one that is refused, or one that is
// stuck.
func enter(l *lab.Ledger, id, status, input, output string) error {
	if status != "SUCCESS" {
		l.Stuck = append(l.Stuck, fmt.Sprintf("%s is %s", id, status))
		return nil
	}
	var o order.Order
	var why string
	if err := errors.Join(decode(input, &o), decode(output, &why)); err != nil {
		return fmt.Errorf("read workflow %s: %w", id, err)
	}
	if why == "" {
		placed := lab.Effect{Kind: lab.OrderKind, Order: id, Account: o.Item, Amount: 1}
		l.Effects = append(l.Effects, placed)
	}
	return nil
}

// decode reads what the engine has written: JSON in base64.
func decode(text string, into any) error {
	plain, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}
