package order

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dbos-inc/dbos-transact-golang/dbos"

	"example.com/dtx/internal/httpapi"
)

const (
	patience    = 8 * time.Second // of a customer, who then hears that the order is pending
	shutdown    = 5 * time.Second // for each part of the engine
	maxQuantity = 100             // of one order
	maxPlacing  = 256             // orders that wait for the engine at the same time
)

// Request is what a customer wants.
type Request struct {
	Customer string `json:"customer"`
	Item     string `json:"item"`
	Quantity int64  `json:"quantity"`
	Slot     string `json:"slot"`
}

// Service takes orders while Run runs.
type Service struct {
	http.Handler
	client *http.Client
	steps  func(Order) []Step
	open   func(context.Context) (dbos.Context, error)
	ready  chan struct{} // closed when the engine is launched
	places chan struct{} // one for each order that waits for the engine
	engine dbos.Context
}

// New returns the service. Its client calls the participants, as the steps of an order say;
// open makes the engine.
func New(
	client *http.Client, steps func(Order) []Step,
	open func(context.Context) (dbos.Context, error),
) *Service {
	r := httpapi.NewRouter()
	s := &Service{Handler: r, client: client, steps: steps, open: open}
	s.ready, s.places = make(chan struct{}), make(chan struct{}, maxPlacing)
	r.Post("/orders", httpapi.Handle(s.post))
	return s
}

// Run launches the engine, which takes up what its predecessor has left, and shuts it
// down when ctx is done. Orders under way stay under way.
func (s *Service) Run(ctx context.Context) (err error) {
	making, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	keep := context.AfterFunc(ctx, abandon)
	if s.engine, err = s.open(making); err != nil {
		return fmt.Errorf("make the engine: %w", err)
	}
	keep() // from now on the shutdown ends it
	dbos.RegisterWorkflow(s.engine, s.carryOut, dbos.WithWorkflowName("order"))
	if err := dbos.Launch(s.engine); err != nil {
		return fmt.Errorf("launch the engine: %w", err)
	}
	close(s.ready)
	<-ctx.Done()
	return dbos.Shutdown(s.engine, shutdown)
}

func (s *Service) post(w http.ResponseWriter, r *http.Request) error {
	key, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	request, err := httpapi.Decode[Request](w, r)
	if err != nil {
		return err
	}
	select {
	case <-s.ready:
	case <-r.Context().Done():
		return r.Context().Err()
	}
	why, err := s.answer(r.Context(), key, request)
	switch {
	case errors.Is(err, dbos.ErrTimeout):
		return httpapi.WriteJSON(w, http.StatusAccepted, request)
	case err != nil:
		return err
	case why != "":
		return why.With("order %s", key)
	}
	return httpapi.WriteJSON(w, http.StatusCreated, request)
}

// result is what became of an order.
type result struct {
	why httpapi.Kind // reason for the refusal
	err error
}

// answer places the order, and has the engine answer in time: it repeats what it asks of its
// database without end. An order without an answer may be on record.
func (s *Service) answer(ctx context.Context, key string, r Request) (httpapi.Kind, error) {
	select {
	case s.places <- struct{}{}:
	default:
		return "", httpapi.Unavailable.With("too many orders are under way")
	}
	placed := make(chan result, 1)
	go func() {
		defer func() { <-s.places }()
		why, err := s.place(key, r)
		placed <- result{why, err}
	}()
	ctx, cancel := context.WithTimeout(ctx, patience+callTimeout)
	defer cancel()
	select {
	case p := <-placed:
		if s.engine.Err() == nil { // else it is being shut down
			return p.why, p.err
		}
	case <-ctx.Done():
	}
	return "", httpapi.OutcomeUnknown.With("ask again with the same Idempotency-Key")
}

// place starts a workflow, or finds that of an earlier ask, and waits for its result.
// An order that was placed before is not judged again.
func (s *Service) place(key string, r Request) (why httpapi.Kind, err error) {
	handle, err := dbos.RetrieveWorkflow[httpapi.Kind](s.engine, key)
	if errors.Is(err, dbos.ErrNonExistentWorkflow) {
		var cents int64
		if cents, err = price(r); err != nil {
			return "", err
		}
		id := dbos.WithWorkflowID(key)
		handle, err = dbos.RunWorkflow(s.engine, s.carryOut, Order{r, cents}, id)
	}
	if err == nil {
		err = match(handle, r)
	}
	if err != nil {
		return "", err
	}
	return handle.GetResult(dbos.WithHandleTimeout(patience))
}

// match refuses a key under which something else was ordered: the engine takes no notice
// of the input of a workflow that it has already.
func match(handle dbos.WorkflowHandle[httpapi.Kind], r Request) error {
	status, err := handle.GetStatus()
	if err != nil {
		return err
	}
	var placed Order
	if err := json.Unmarshal(fmt.Append(nil, status.Input), &placed); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	if placed.Request != r {
		return httpapi.KeyReused.With("it is another order")
	}
	return nil
}

// price judges a new order by today's rules, and returns what it costs in cents.
func price(r Request) (int64, error) {
	cents, known := map[string]int64{"salt": 50, "tea": 500, "truffle": 900}[r.Item]
	if !known {
		return 0, httpapi.UnknownItem.With("%q", r.Item)
	}
	if r.Quantity < 1 || r.Quantity > maxQuantity {
		return 0, httpapi.Unprocessable.With("quantity %d is not 1 to %d", r.Quantity, maxQuantity)
	}
	return cents * r.Quantity, nil
}
