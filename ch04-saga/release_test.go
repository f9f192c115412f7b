package main

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/shop"
	"example.com/dtx/lab/sim"
)

// next is the release that the tests below are about.
const next = "the next release"

// survives plays the order for tea, with a client that asks again, once for each death of a
// service. What has died comes back as its spare of the next release.
func survives(t *testing.T, v lab.Variant, spares ...lab.Service) {
	t.Helper()
	v.Spares = nil
	for _, s := range spares {
		s.Version = next
		v.Spares = append(v.Spares, s)
	}
	order := shop.Retry()
	order.Release = next
	report := sim.NewStage(t, chapter(), v).Explore(t, order, false)
	require.NotZero(t, report.Faults)
	sim.RequireClean(t, report)
}

func TestTheNextReleaseMayHaveAColumnMoreInEachTable(t *testing.T) {
	t.Parallel()
	tables := map[string][]string{
		"order": {"orders", "sagas"}, "stock": {"accounts", "steps"},
		"payment": {"accounts", "steps"}, "delivery": {"accounts", "steps"},
	}
	events := map[string][]string{
		"order": {"orders", "decisions", "outbox"}, "stock": {"accounts", "steps", "outbox"},
		"payment": {"accounts", "steps", "outbox"}, "delivery": {"accounts", "steps", "outbox"},
	}
	survives(t, orchestrated(), upgraded(orchestrated(), tables)...)
	survives(t, choreographed(), upgraded(choreographed(), events)...)
}

// upgraded returns a variant's services, which give a column more to these tables.
func upgraded(v lab.Variant, tables map[string][]string) (list []lab.Service) {
	for _, s := range v.Services {
		for _, table := range tables[s.Name] {
			s.Upgrade = append(s.Upgrade, "ALTER TABLE "+table+
				" ADD COLUMN note TEXT NOT NULL DEFAULT ''")
		}
		list = append(list, s)
	}
	return list
}

// longer has an order's last step carried out twice, as two steps.
type longer struct{ *saga.Orchestrator }

func (l longer) Execute(
	ctx context.Context, id string, request saga.Request,
) (saga.Saga, error) {
	record := request.Record
	request.Record = func(tx *sqlite.Tx) ([]saga.Step, error) {
		list, err := record(tx)
		if err == nil {
			list = append(list, list[len(list)-1])
		}
		return list, err
	}
	return l.Orchestrator.Execute(ctx, id, request)
}

func TestTheNextReleaseMayHaveAStepMore(t *testing.T) {
	t.Parallel()
	v := orchestrated()
	s := v.Services[0]
	s.New = func(db *sqlite.DB, client *http.Client) http.Handler {
		return order.New(db, longer{saga.New(db, client, saga.MaxPlaces)})
	}
	survives(t, v, s)
}
