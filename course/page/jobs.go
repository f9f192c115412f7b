package page

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"sync"
	"time"

	"example.com/dtx/lab/live"
)

const (
	maxJobs  = 4                // at a time
	absence  = 30 * time.Second // without a browser, and a job ends
	arrival  = 30 * time.Second // of the browser that has started it
	maxQueue = 64               // commands that a job has not taken yet
)

// job is work that a tab has started: a chapter that runs live, the hunt for a
// mistake, or an exercise's tests.
type job struct {
	*journal
	commands chan live.Command
	cancel   context.CancelFunc
	mu       sync.Mutex
	watchers int
	gone     *time.Timer          // runs while no tab watches
	numbered int                  // commands so far
	asked    map[int]live.Command // commands that are not answered yet
}

// jobs are all that run. They end with the server.
type jobs struct {
	ctx     context.Context
	absence time.Duration
	mu      sync.Mutex
	byID    map[string]*job
	all     sync.WaitGroup
}

func newJobs(ctx context.Context) *jobs {
	return &jobs{ctx: ctx, absence: absence, byID: map[string]*job{}}
}

// errBusy is returned when too much runs already.
var errBusy = errors.New("four tabs have something running already: end one of them")

// start runs something in the background, and returns the name under which it
// is known until it ends.
func (js *jobs) start(run func(context.Context, *job) error) (id string, err error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if len(js.byID) >= maxJobs {
		return "", errBusy
	}
	ctx, cancel := context.WithCancel(js.ctx)
	j := &job{
		journal: newJournal(), cancel: cancel,
		commands: make(chan live.Command, maxQueue), asked: map[int]live.Command{},
	}
	j.gone = time.AfterFunc(arrival, cancel)
	id = rand.Text()
	js.byID[id] = j
	js.all.Go(func() {
		defer js.remove(id)
		defer cancel()
		err := run(ctx, j)
		if errors.Is(err, errLong) {
			j.forget()
		}
		if err != nil && ctx.Err() == nil {
			_ = j.add("failed", err.Error()) // there is room for it
		}
		j.end()
		<-ctx.Done() // what it said can be read until no tab watches
	})
	return id, nil
}

func (js *jobs) remove(id string) {
	js.mu.Lock()
	defer js.mu.Unlock()
	delete(js.byID, id)
}

func (js *jobs) find(id string) *job {
	js.mu.Lock()
	defer js.mu.Unlock()
	return js.byID[id]
}

// watch keeps a job from ending while a tab watches it.
func (j *job) watch(absence time.Duration) (leave func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.watchers++
	j.gone.Stop()
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		if j.watchers--; j.watchers == 0 {
			j.gone.Reset(absence)
		}
	}
}

// start answers a request with a new job.
func (s *Site) start(w http.ResponseWriter, run func(context.Context, *job) error) {
	id, err := s.jobs.start(run)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	answer(w, http.StatusCreated, map[string]string{"id": id})
}

// job finds the job that a request is about.
func (s *Site) job(w http.ResponseWriter, r *http.Request) *job {
	j := s.jobs.find(r.PathValue("id"))
	if j == nil {
		http.Error(w, "this has ended", http.StatusNotFound)
	}
	return j
}

// follow streams what a job says.
func (s *Site) follow(w http.ResponseWriter, r *http.Request) {
	if j := s.job(w, r); j != nil {
		defer j.watch(s.jobs.absence)()
		j.stream(w, r, s.jobs.ctx.Done())
	}
}

// there tells whether a job goes on.
func (s *Site) there(w http.ResponseWriter, r *http.Request) {
	if j := s.job(w, r); j != nil {
		w.WriteHeader(http.StatusNoContent)
	}
}

// end ends a job.
func (s *Site) end(w http.ResponseWriter, r *http.Request) {
	if j := s.job(w, r); j != nil {
		j.cancel()
		w.WriteHeader(http.StatusNoContent)
	}
}
