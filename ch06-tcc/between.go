package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"example.com/dtx/ch06-tcc/participant"
	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

// window is what others find at one moment.
type window struct {
	Tea      int64  // units that can be ordered
	Reserved string // units that an order under way has
	Orders   int    // number of other orders that are tried
	Refused  int    // those of them that a participant refuses
}

// absence is what others find while the initiator is away, and when it is back.
type absence struct{ While, After window }

// beforeDecision and afterDecision are the two moments at which the initiator dies.
func beforeDecision() fault.Fault { return decision(fault.CrashBefore) }
func afterDecision() fault.Fault  { return decision(fault.CrashAfter) }

func decision(death fault.Kind) fault.Fault {
	return fault.Fault{Kind: death, Point: "order: commit POST /orders order-1 #2"}
}

// die kills the initiator at its decision, looks around, and starts it again.
func die(ctx context.Context, v lab.Variant, death fault.Fault) (a absence, err error) {
	cluster, err := lab.Start(ctx, v, lab.Options{
		Plan: []fault.Fault{death}, StayDown: true,
	})
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	cluster.Place(ctx, tea(), 1)
	if a.While, err = look(ctx, cluster, "down"); err != nil {
		return a, err
	}
	if err := errors.Join(cluster.Revive("order"), cluster.Settle(ctx)); err != nil {
		return a, err
	}
	a.After, err = look(ctx, cluster, "up")
	return a, err
}

// look sees what is available, and which other orders find all that they need.
func look(ctx context.Context, cluster *lab.Cluster, when string) (w window, err error) {
	w.Reserved = "0"
	ledger, err := cluster.Ledger(ctx)
	if err != nil {
		return w, err
	}
	for _, stuck := range ledger.Stuck {
		if units, isTea := strings.CutSuffix(stuck, " of tea are reserved"); isTea {
			w.Reserved = units
		}
	}
	if w.Tea, _, err = teaIn(ctx, cluster); err != nil {
		return w, err
	}
	for _, customer := range []string{"ada", "bob"} {
		for _, item := range []string{"salt", "tea", "truffle"} {
			for _, slot := range []string{"any-day", "mon-am"} {
				w.Orders++
				id := fmt.Sprintf("probe-%s-%d", when, w.Orders)
				if err := probe(ctx, cluster, id, customer, item, slot); err != nil {
					w.Refused++
				}
			}
		}
	}
	return w, nil
}

// probe reserves what an order needs, as its initiator would, and cancels.
func probe(ctx context.Context, cluster *lab.Cluster, id, customer, item, slot string) (err error) {
	for host, wanted := range map[string]participant.Wanted{
		"stock":    {Name: item, Amount: 1},
		"payment":  {Name: customer, Amount: 500},
		"delivery": {Name: slot, Amount: 1},
	} {
		client, url := cluster.Client(), "http://"+host
		_, refused := httpapi.Post[tcc.Answer](ctx, client, url+"/try", id, wanted)
		_, failed := httpapi.Post[tcc.Answer](ctx, client, url+"/cancel", id, struct{}{})
		err = errors.Join(err, refused, failed)
	}
	return err
}

// between tells what others see between the reservations and their end.
func between(ctx context.Context, t *lab.Teller) error {
	rows, err := betweenRows(ctx)
	if err == nil {
		t.Table(rows)
	}
	return err
}

func betweenRows(ctx context.Context) ([][]string, error) {
	rows := [][]string{
		{"", "TCC: it is away", "TCC: back; it died before its decision",
			"TCC: back; it died after its decision", "AT: it is away"},
		{"tea that others can order"}, {"tea that is reserved"},
		{"other orders that cannot reserve"},
	}
	before, err := die(ctx, reserving(), beforeDecision())
	if err != nil {
		return nil, err
	}
	after, err := die(ctx, reserving(), afterDecision())
	if err != nil {
		return nil, err
	}
	at, err := die(ctx, undoing(), beforeDecision())
	if err != nil {
		return nil, err
	}
	for _, w := range []window{before.While, before.After, after.After, at.While} {
		rows[1] = append(rows[1], fmt.Sprint(w.Tea))
		rows[2] = append(rows[2], w.Reserved)
		rows[3] = append(rows[3], fmt.Sprintf("%d of %d", w.Refused, w.Orders))
	}
	if before.While != after.While {
		err = fmt.Errorf("while it is away the cases differ: %v and %v", before, after)
	}
	return rows, err
}
