package main

import (
	"context"
	"net/http"

	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// twoSteps has orders that take units and book a place, and no payment. It is there to be
// measured, beside an engine's workflows of two calls.
func twoSteps() lab.Service {
	s := orchestrator("two steps", saga.MaxPlaces)
	s.New = func(db *sqlite.DB, client *http.Client) http.Handler {
		return order.New(db, shorter{saga.New(db, client, saga.MaxPlaces)})
	}
	return s
}

// shorter is an orchestrator that leaves the payment out.
type shorter struct{ *saga.Orchestrator }

func (o shorter) Execute(ctx context.Context, id string, r saga.Request) (saga.Saga, error) {
	record := r.Record
	r.Record = func(tx *sqlite.Tx) ([]saga.Step, error) {
		steps, err := record(tx)
		if err != nil {
			return nil, err
		}
		return []saga.Step{steps[0], steps[2]}, nil
	}
	return o.Orchestrator.Execute(ctx, id, r)
}
