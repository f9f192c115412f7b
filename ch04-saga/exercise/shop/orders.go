package shop

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"sync"

	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Orders takes the orders, and has each carried out as a saga.
type Orders struct {
	http.Handler
	Conductor
	yours Yours
	begun chan job

	mu       sync.Mutex
	underWay map[string]chan struct{} // by id; closed when nobody is at it any more
}

// job is a saga to be carried out; ended is closed when nobody is at it any more.
type job struct {
	saga  Saga
	carry func(context.Context, Saga) error
	ended chan struct{}
}

// NewOrders returns the service on its database.
func NewOrders(db *sqlite.DB, client *http.Client, yours Yours) *Orders {
	router := httpapi.NewRouter()
	s := &Orders{
		Handler: router, Conductor: Conductor{db, client}, yours: yours,
		begun: make(chan job, maxBegun), underWay: map[string]chan struct{}{},
	}
	router.Post("/orders", httpapi.Handle(s.post))
	return s
}

// maxBegun bounds the sagas that wait to be carried out.
const maxBegun = 64

func (s *Orders) post(w http.ResponseWriter, r *http.Request) error {
	o, err := order.Read(w, r)
	if err != nil {
		return err
	}
	if err := s.db.View(r.Context(), o.Accept); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), order.Patience)
	defer cancel()
	ended, mine := s.claim(o.ID)
	if mine {
		if err := s.begin(ctx, o, ended); err != nil {
			return err
		}
	}
	select {
	case <-ended:
	case <-ctx.Done():
	}
	if err := s.look(context.WithoutCancel(ctx), &o); err != nil {
		return err
	}
	return o.Answer(w)
}

// begin records an order and its saga, and has it carried out. If it is there
// already, whoever is here first after a crash takes it up.
func (s *Orders) begin(ctx context.Context, o order.Order, ended chan struct{}) error {
	steps, err := s.yours.Plan(o)
	if err != nil {
		s.leave(o.ID)
		return err
	}
	j := job{Saga{o, steps, Forward}, s.carry, ended}
	err = s.db.Update(ctx, func(tx *sqlite.Tx) error {
		err := tx.QueryRow("SELECT phase FROM sagas WHERE id = ?", o.ID).Scan(&j.saga.Phase)
		if err == nil {
			j.carry = s.recover
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := o.Save(tx); err != nil {
			return err
		}
		_, err = tx.Exec("INSERT INTO sagas (id, phase) VALUES (?, ?)", o.ID, Forward)
		return err
	})
	if err != nil || j.saga.Phase == Finished || j.saga.Phase == Reversed {
		s.leave(o.ID)
		return err
	}
	s.begun <- j
	return nil
}

func (s *Orders) recover(ctx context.Context, saga Saga) error {
	return s.yours.Recover(ctx, &s.Conductor, saga)
}

// claim makes the caller the one who is at an order, unless somebody is.
func (s *Orders) claim(id string) (ended chan struct{}, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ended := s.underWay[id]; ended != nil {
		return ended, false
	}
	ended = make(chan struct{})
	s.underWay[id] = ended
	return ended, true
}

func (s *Orders) leave(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.underWay[id])
	delete(s.underWay, id)
}

// look finds out what a customer needs to know of an order.
func (s *Orders) look(ctx context.Context, o *order.Order) error {
	return s.db.View(ctx, func(tx *sqlite.Tx) error {
		var phase Phase
		if err := tx.QueryRow("SELECT phase FROM sagas WHERE id = ?", o.ID).Scan(&phase); err != nil {
			return err
		}
		o.State = map[Phase]order.State{Forward: order.Pending, Backward: order.Pending, Finished: order.Confirmed, Reversed: order.Refused}[phase]
		o.Why = httpapi.GivenUp
		return nil
	})
}
