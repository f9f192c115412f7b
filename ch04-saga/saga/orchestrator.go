package saga

import (
	"context"
	"errors"
	"net/http"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
	"example.com/dtx/internal/sqlite"
)

const (
	MaxPlaces = 256         // sagas that a service works on at the same time
	patience  = time.Second // of a new saga that waits for a place, or for a start
)

// Orchestrator carries out sagas, each on a goroutine that outlives the request
// that asked for it. One process at a time owns the log.
type Orchestrator struct {
	db     *sqlite.DB
	client *http.Client
	places *places.Places[progress]
	ready  chan struct{} // closed when Run has taken the epoch
	epoch  int64         // the number of this process
	stop   func()        // ends all work: another process owns the log
}

// run is the work on one saga.
type run = places.Run[progress]

// progress is what this process knows of a saga that it works on.
type progress struct {
	Saga
	recorded bool // this run has recorded the saga: there was no call before it
	reached  int  // index of the step that is being called
}

// New returns an orchestrator with its log in db and room for so many sagas at the
// same time. The client finds the participants. No saga is recorded before Run.
func New(db *sqlite.DB, client *http.Client, room int) *Orchestrator {
	return &Orchestrator{
		db: db, client: client,
		places: places.Make[progress](room, patience), ready: make(chan struct{}),
	}
}

// Request is what a caller asks for under an id. Both functions get a transaction
// on the log's database.
type Request struct {
	// Record writes down what the saga is for, in the transaction that records the
	// saga, and returns the steps.
	Record func(*sqlite.Tx) ([]Step, error)
	// Check returns an error if the recorded saga is for something else.
	Check func(*sqlite.Tx) error
}

// Execute has a saga carried out and waits until its outcome is known, or until ctx
// or Run ends: the saga goes on without its caller. A second call with the same id
// waits for the existing saga, and needs no place.
//
// The errors: those of the request; httpapi.Unavailable if there is no place, or
// another process owns the log; httpapi.InFlight while the same id is being recorded.
func (o *Orchestrator) Execute(ctx context.Context, id string, request Request) (Saga, error) {
	known := o.places.Find(id) // before the look-up: else one that ends in between is missed
	s, err := o.lookUp(ctx, id, request.Check)
	if err == nil {
		return await(ctx, known, s), nil
	}
	if !errors.Is(err, httpapi.NotFound) {
		return s, err
	}
	r, isNew, err := o.places.Begin(ctx, id, places.New)
	if err != nil {
		return s, err
	}
	if !isNew {
		return s, httpapi.InFlight.With("%s is being recorded", id)
	}
	defer r.Drop() // if it is not handed over
	s, isNew, err = o.record(ctx, id, request)
	if err != nil || !isNew {
		return s, err
	}
	r.Set(progress{Saga: s, recorded: true})
	r.Hand()
	return await(ctx, r, s), nil
}

// await returns a saga when its outcome is known, or as it was recorded if no run
// works on it: then it is finished, or recovery will take it up.
func await(ctx context.Context, r *run, s Saga) Saga {
	if r == nil || s.State == Done {
		return s
	}
	if now := r.Wait(ctx); now.State != "" {
		return now.Saga
	}
	return s
}
