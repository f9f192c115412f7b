package main

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"github.com/go-chi/chi/v5"

	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// bare is the orchestrated shop without a saga: the same participants are asked
// for the same steps in the same order, and no service writes down that they
// are. By how much a saga is slower than this is the price of the protocol. Bare
// calls are there to be measured and for nothing else: a crash leaves them as
// they are, half done.
func bare() lab.Variant {
	v := orchestrated()
	v.Services = append([]lab.Service{withoutSaga()}, v.Services[1:]...)
	return v
}

// withoutSaga is the order service of bare.
func withoutSaga() lab.Service {
	return lab.Service{
		Name:    "order",
		Version: "bare",
		Schema:  order.Orders,
		New: func(db *sqlite.DB, client *http.Client) http.Handler {
			s := &caller{httpapi.NewRouter(), db, client, make(chan order.Order)}
			s.Post("/orders", httpapi.Handle(s.post))
			return s
		},
	}
}

// caller makes the calls that an order needs.
type caller struct {
	chi.Router
	db     *sqlite.DB // database of the prices
	client *http.Client
	booked chan order.Order // those whose payment is to be captured
}

func (s *caller) post(w http.ResponseWriter, r *http.Request) error {
	o, err := order.Read(w, r)
	if err != nil {
		return err
	}
	if err := s.db.View(r.Context(), o.Accept); err != nil {
		return err
	}
	for _, step := range []struct {
		url  string
		body saga.Body
	}{
		{"http://stock/take", saga.Body{Name: o.Item, Amount: o.Quantity}},
		{"http://payment/authorize", saga.Body{Name: o.Customer, Amount: o.Cents}},
		{"http://delivery/book", saga.Body{Name: o.Slot, Amount: 1}},
	} {
		_, err := httpapi.Post[saga.Body](r.Context(), s.client, step.url, o.ID, step.body)
		if err != nil {
			return err
		}
	}
	select {
	case s.booked <- o:
	case <-r.Context().Done():
		return r.Context().Err()
	}
	o.State = order.Confirmed
	return o.Answer(w)
}

// Run captures the payments of the orders that have been answered.
func (s *caller) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		select {
		case o := <-s.booked:
			all.Go(func() { s.capture(o) })
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *caller) capture(o order.Order) {
	_, err := httpapi.Post[saga.Body](
		context.Background(),
		s.client,
		"http://payment/capture",
		o.ID,
		saga.Body{Name: o.Customer, Amount: o.Cents},
	)
	if err != nil {
		slog.Error("payment not captured", "order", o.ID, "error", err)
	}
}
