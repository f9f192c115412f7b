package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"example.com/dtx/ch06-tcc/at"
	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
)

// rewritten is what becomes of a row that a plain local transaction changes while an
// order holds it: 2 of 10 units of tea. Then the order is cancelled.
type rewritten struct {
	Between   int64 // units that a plain SELECT sees between the phases
	ForUpdate error // answer to a SELECT FOR UPDATE between the phases
	After     int64 // units when the order is cancelled, or parked
	Stuck     []string
	Parked    string // reason that the initiator has parked the order for
	Repaired  int64  // units when an operator has repaired it
}

// rewrite kills the initiator when all participants have tried, lets units of tea come
// in, and starts it again. It cancels, since it had not decided.
func rewrite(ctx context.Context, v lab.Variant, units int) (r rewritten, err error) {
	cluster, err := real.Start(ctx, v, real.Options{
		Plan: []fault.Fault{beforeDecision()}, StayDown: true,
	})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	cluster.Place(ctx, shop.Tea(), 1)
	if err := cluster.Change(ctx, moreTea(units)); err != nil {
		return r, err
	}
	if r.Between, _, err = teaIn(ctx, cluster); err != nil {
		return r, err
	}
	_, r.ForUpdate = httpapi.Get[at.Account](ctx, cluster.Client(), "http://stock/items/tea")
	if err := cluster.Revive("order"); err != nil {
		return r, err
	}
	if r.Parked, err = untilOver(ctx, cluster, true); err != nil {
		return r, err
	}
	r.After, r.Stuck, err = teaIn(ctx, cluster)
	if err != nil || r.Parked == "" {
		return r, err
	}
	if err := repair(ctx, cluster); err != nil {
		return r, err
	}
	r.Repaired, _, err = teaIn(ctx, cluster)
	return r, err
}

// repair is what an operator does: sets the row right, deletes the undo log, and has the
// initiator ask again.
func repair(ctx context.Context, cluster *real.Cluster) error {
	for _, sql := range []string{
		"UPDATE accounts SET available = available + 2 WHERE name = 'tea'",
		"DELETE FROM undo_log WHERE id = 'order-1'",
	} {
		err := cluster.Change(ctx, lab.Change{Service: "stock", SQL: sql, Means: sql})
		if err != nil {
			return err
		}
	}
	const release = "http://order/parked/order-1/release"
	_, err := httpapi.Post[struct{}](ctx, cluster.Client(), release, "repair-1", struct{}{})
	if err != nil {
		return err
	}
	_, err = untilOver(ctx, cluster, false)
	return err
}

// teaIn reads in stock's database how much tea there is, and in all what is stuck.
func teaIn(ctx context.Context, cluster *real.Cluster) (units int64, stuck []string, err error) {
	ledger, err := cluster.Ledger(ctx)
	for _, b := range ledger.Balances {
		if b.Account == "tea" {
			units = b.Amount
		}
	}
	return units, ledger.Stuck, err
}

// untilOver waits until no transaction is open, or the only one is parked, and why.
func untilOver(
	ctx context.Context, cluster *real.Cluster, orParked bool,
) (parked string, err error) {
	for {
		open, err := httpapi.Get[[]tcc.Entry](ctx, cluster.Client(), "http://order/open")
		if err != nil || len(open) == 0 {
			return "", err
		}
		if orParked && open[0].Parked != "" {
			return open[0].Parked, nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// dirtyRows are what a cancel makes of a row that a plain writer has changed: TCC's, which
// gives an amount back, and AT's, which writes an image back.
func dirtyRows(ctx context.Context) ([][]string, error) {
	rows := [][]string{{
		"", "packets that come in", "SELECT between", "after the cancel", "should be", "stuck",
	}}
	for _, units := range []int{0, 5, 2} {
		for _, v := range []lab.Variant{reserving(), undoing()} {
			r, err := rewrite(ctx, v, units)
			if err != nil {
				return nil, err
			}
			name := map[string]string{"barrier": "TCC", "at": "AT"}[v.Name]
			rows = append(rows, []string{name, strconv.Itoa(units), fmt.Sprint(r.Between),
				fmt.Sprint(r.After), strconv.Itoa(10 + units), strconv.Itoa(len(r.Stuck))})
		}
	}
	return rows, nil
}

// dirty tells of a plain writer, and of the operator who repairs what it has done.
func dirty(ctx context.Context, t *lab.Teller) error {
	rows, err := dirtyRows(ctx)
	if err != nil {
		return err
	}
	parked, err := rewrite(ctx, undoing(), 5)
	if err != nil {
		return err
	}
	t.Say("An order holds 2 of 10 units of tea, and the order service dies before it decides.")
	t.Say("By a plain UPDATE more tea comes in. Then the order is cancelled. Units of tea:")
	t.Table(rows)
	for _, s := range parked.Stuck {
		t.Say("stuck     %s", s)
	}
	t.Say("parked    %s", parked.Parked)
	t.Say("read      SELECT FOR UPDATE before the cancel: %v", parked.ForUpdate)
	t.Say("repaired  An operator sets the row right and deletes the undo log: %d", parked.Repaired)
	return nil
}
