package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
)

// calls are a participant's two operations for an order that is not decided yet.
type calls struct{ do, undo string } // paths; undo may be empty

// halfDone is one of the protocols, and the moment at which its coordinator dies: all that
// have been asked have done their part.
type halfDone struct {
	rival
	dies  string // fault
	calls map[string]calls
}

// halves are the protocols, each with an order that is half done. The saga has one
// step left: it asks one service after the other.
func halves(list []rival) []halfDone {
	alike := func(c calls) map[string]calls {
		return map[string]calls{"stock": c, "payment": c, "delivery": c}
	}
	steps := map[string]calls{
		"stock": {"take", "give-back"}, "payment": {"authorize", "void"}, "delivery": {do: "book"},
	}
	reservations := alike(calls{"try", "cancel"})
	return []halfDone{
		{list[0], "crash on reply @ order → payment: POST /authorize order-1 #1", steps},
		{list[1], "crash before @ order: commit POST /orders order-1 #1",
			alike(calls{"prepare", "abort"})},
		{list[2], beforeDecision().String(), reservations},
		{list[3], beforeDecision().String(), reservations},
	}
}

// wanted is what the order under way takes of each service, all of it the last.
func wanted() lab.Order {
	return lab.Order{Key: "order-1", Customer: "bob", Item: "truffle", Quantity: 1, Slot: "sat-pm"}
}

// sight is what others find while an order is half done.
type sight struct {
	Left    map[string]int64  // units, cents and places, by account
	Answers map[string]string // those to other orders, by the account that they need
	After   int64             // units when the coordinator is back
}

// see has the coordinator die, looks around, asks as another coordinator would, and starts
// it again.
func see(ctx context.Context, h halfDone) (s sight, err error) {
	dies, err := fault.Parse(h.dies)
	if err != nil {
		return s, err
	}
	cluster, err := real.Start(ctx, h.Variant, real.Options{
		Program: h.Program, Plan: []fault.Fault{dies}, StayDown: true,
	})
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	cluster.Place(ctx, wanted(), 1)
	if s.Left, err = left(ctx, cluster); err != nil {
		return s, err
	}
	s.Answers = map[string]string{
		"truffle": h.ask(ctx, cluster.Client(), "stock", "truffle", 1),
		"bob":     h.ask(ctx, cluster.Client(), "payment", "bob", 50),
		"sat-pm":  h.ask(ctx, cluster.Client(), "delivery", "sat-pm", 1),
	}
	if err := errors.Join(cluster.Revive("order"), cluster.Settle(ctx)); err != nil {
		return s, err
	}
	after, err := left(ctx, cluster)
	s.After = after["truffle"]
	return s, err
}

// left is what a plain SELECT finds in each account that the order is about.
func left(ctx context.Context, cluster *real.Cluster) (map[string]int64, error) {
	ledger, err := cluster.Ledger(ctx)
	accounts := map[string]int64{}
	for _, b := range ledger.Balances {
		switch o := wanted(); b.Account {
		case o.Item, o.Customer, o.Slot:
			accounts[b.Account] = b.Amount
		}
	}
	return accounts, err
}

// ask does a participant's part of another order, undoes it, and returns the answer.
func (h halfDone) ask(
	ctx context.Context, client *http.Client, service, account string, amount int64,
) string {
	id, c := "other-"+account+".2.1", h.calls[service]
	body := map[string]any{"name": account, "amount": amount}
	if c.do == "prepare" {
		body["order"] = "other-" + account
	}
	_, err := httpapi.Post[any](ctx, client, "http://"+service+"/"+c.do, id, body)
	if c.undo == "" {
		return answer(err)
	}
	if c.undo != "give-back" && c.undo != "void" {
		body = map[string]any{}
	}
	_, undone := httpapi.Post[any](ctx, client, "http://"+service+"/"+c.undo, id, body)
	return answer(errors.Join(err, undone))
}

func answer(err error) string {
	if problem, ok := errors.AsType[*httpapi.Problem](err); ok {
		return problem.Title
	}
	if err != nil {
		return err.Error()
	}
	return "yes"
}

// others tells what others see of an order that is half done, in each protocol.
func others(ctx context.Context, t *lab.Teller) (err error) {
	list, remove, err := built(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	rows, err := othersRows(ctx, list)
	if err == nil {
		t.Table(rows)
	}
	return err
}

func othersRows(ctx context.Context, list []rival) ([][]string, error) {
	rows := [][]string{
		{"bob's order is half done"},
		{"truffles left, of 1"}, {"bob's money, of 10.00"}, {"places on Saturday, of 1"},
		{"ada orders the last truffle"}, {"bob orders salt"}, {"ada orders the last place"},
		{"the coordinator is back: truffles left"},
	}
	for _, h := range halves(list) {
		s, err := see(ctx, h)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", h.Name, err)
		}
		for i, cell := range []string{
			h.Name, fmt.Sprint(s.Left["truffle"]), fmt.Sprintf("%.2f", float64(s.Left["bob"])/100),
			fmt.Sprint(s.Left["sat-pm"]),
			s.Answers["truffle"], s.Answers["bob"], s.Answers["sat-pm"], fmt.Sprint(s.After),
		} {
			rows[i] = append(rows[i], cell)
		}
	}
	return rows, nil
}
