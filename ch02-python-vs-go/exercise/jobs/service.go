package jobs

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Yours is what a student plugs into the service.
type Yours struct {
	Claim func(*Queue, time.Time) (Job, error)
	Work  func(context.Context, *Worker, Job) error
}

// Service takes orders, and has a receipt mailed for each.
type Service struct {
	http.Handler
	db     *sqlite.DB
	worker Worker
	yours  Yours
	news   chan struct{} // room for one word to each worker
}

const (
	workers     = 2
	mailTimeout = time.Second // less than Visibility
)

// New returns the service on its database. The client finds the mail under its name.
func New(db *sqlite.DB, client *http.Client, yours Yours) *Service {
	router := httpapi.NewRouter()
	s := &Service{router, db, Worker{db, client}, yours, make(chan struct{}, workers)}
	router.Post("/orders", httpapi.Handle(s.post))
	return s
}

// wanted is an order.
type wanted struct {
	Customer string `json:"customer"`
	Item     string `json:"item"`
	Quantity int64  `json:"quantity"`
	Slot     string `json:"slot"`
}

func (s *Service) post(w http.ResponseWriter, r *http.Request) error {
	key, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	order, err := httpapi.Decode[wanted](w, r)
	if err != nil {
		return err
	}
	err = s.db.Update(r.Context(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`INSERT INTO jobs (id, customer, item) VALUES (?, ?, ?)
			ON CONFLICT DO NOTHING`, key, order.Customer, order.Item)
		return err
	})
	if err != nil {
		return err
	}
	for range workers {
		select {
		case s.news <- struct{}{}:
		default:
		}
	}
	return httpapi.WriteJSON(w, http.StatusCreated, order)
}

// Run has the workers work until ctx is done.
func (s *Service) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for range workers {
		all.Go(func() { s.work(ctx) })
	}
	all.Wait()
	return nil
}

func (s *Service) work(ctx context.Context) {
	for ctx.Err() == nil {
		j, wait, err := s.claim(ctx)
		switch {
		case err == nil && j.ID == "":
			s.pause(ctx, wait)
			continue
		case err == nil:
			err = s.yours.Work(ctx, &s.worker, j)
		}
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "work", "job", j.ID, "error", err)
			s.pause(ctx, time.Second)
		}
	}
}

// claim has the student choose a job, and says how long it may be until there is one.
func (s *Service) claim(ctx context.Context) (j Job, wait time.Duration, err error) {
	j, err = Claim(ctx, s.db, s.yours.Claim, time.Now())
	if err != nil || j.ID != "" {
		return j, 0, err
	}
	err = s.db.View(ctx, func(tx *sqlite.Tx) error {
		wait = time.Hour
		q := &Queue{tx: tx}
		for _, j := range q.Open() {
			wait = min(wait, max(time.Second, time.Until(j.Until)))
		}
		return q.failed
	})
	return j, wait, err
}

// Claim runs a student's claim in one transaction.
func Claim(
	ctx context.Context, db *sqlite.DB, choose func(*Queue, time.Time) (Job, error), now time.Time,
) (j Job, err error) {
	err = db.Update(ctx, func(tx *sqlite.Tx) (err error) {
		q := &Queue{tx: tx}
		j, err = choose(q, now)
		return cmp.Or(q.failed, err)
	})
	return j, err
}

func (s *Service) pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-s.news:
	case <-timer.C:
	case <-ctx.Done():
	}
}
