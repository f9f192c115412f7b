package main

import (
	"database/sql"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"example.com/dtx/internal/httpapi"
)

func (s *service) routes() http.Handler {
	r := httpapi.NewRouter()
	r.Post("/run", httpapi.Handle(s.serveRun))
	r.Post("/jobs", httpapi.Handle(s.createJob))
	r.Get("/jobs", httpapi.Handle(s.listJobs(window{})))
	r.Get("/dead-letters", httpapi.Handle(s.listJobs(window{state: "dead"})))
	r.Get("/jobs/{id}", httpapi.Handle(s.getJob))
	r.Delete("/jobs/{id}", httpapi.Handle(s.deleteFrom("DELETE FROM jobs WHERE id = ?")))
	r.Post("/schedules", httpapi.Handle(s.createSchedule))
	r.Get("/schedules/{id}", httpapi.Handle(s.readSchedule))
	r.Delete("/schedules/{id}", httpapi.Handle(s.deleteFrom("DELETE FROM schedules WHERE id = ?")))
	return r
}

func (s *service) serveRun(w http.ResponseWriter, r *http.Request) error {
	wanted, err := httpapi.Decode[work](w, r)
	if err == nil {
		err = wanted.check(sleepKind, hashKind)
	}
	if err != nil {
		return err
	}
	result, err := do(r.Context(), wanted)
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, map[string]string{"result": result})
}

func (s *service) createJob(w http.ResponseWriter, r *http.Request) error {
	key, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	wanted, err := httpapi.Decode[work](w, r)
	if err == nil {
		err = wanted.check(sleepKind, hashKind, failKind)
	}
	if err != nil {
		return err
	}
	j, isNew, err := s.add(r.Context(), key, wanted)
	if err != nil {
		return err
	}
	if !isNew {
		return httpapi.WriteJSON(w, http.StatusOK, j)
	}
	tell(s.newJob)
	w.Header().Set("Location", "/jobs/"+key)
	return httpapi.WriteJSON(w, http.StatusCreated, j)
}

func (s *service) listJobs(part window) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) (err error) {
		part := part
		if part.after, err = number(r, "after", 0, 0, 1<<53-1); err != nil {
			return err
		}
		if part.limit, err = number(r, "limit", 20, 1, 100); err != nil {
			return err
		}
		part.schedule = r.URL.Query().Get("schedule")
		found, err := s.list(r.Context(), part)
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, found)
	}
}

// number reads a number of the query.
func number(r *http.Request, name string, standard, least, most int64) (int64, error) {
	if !r.URL.Query().Has(name) {
		return standard, nil
	}
	digits := r.URL.Query().Get(name)
	n, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange), strings.HasPrefix(digits, "+"):
		return 0, httpapi.Malformed.With("%s is not a number", name)
	case err != nil || n < least || n > most:
		return 0, httpapi.Unprocessable.With("%s is %d to %d", name, least, most)
	}
	return n, nil
}

func (s *service) getJob(w http.ResponseWriter, r *http.Request) error {
	j, err := s.get(r.Context(), httpapi.Param(r, "id"))
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, j)
}

func (s *service) deleteFrom(statement string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := s.remove(r.Context(), statement, httpapi.Param(r, "id")); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

// wantedSchedule is the body of POST /schedules.
type wantedSchedule struct {
	Job   work    `json:"job"`
	At    *string `json:"at,omitzero"`
	Every *int64  `json:"every_ms,omitzero"`
}

const (
	minEvery = 10         // ms
	maxEvery = 86_400_000 // ms
)

func (w wantedSchedule) plan() (p plan, err error) {
	if w.At != nil {
		p.at.Valid = true
		if p.at.V, err = parseMoment(*w.At); err != nil {
			return p, httpapi.Unprocessable.With("at is %v", err)
		}
	}
	if w.Every != nil {
		p.every = sql.Null[int64]{V: *w.Every, Valid: true}
	}
	switch {
	case w.At == nil && w.Every == nil:
		return p, httpapi.Unprocessable.With("say at, or every_ms, or both")
	case w.Every != nil && (*w.Every < minEvery || *w.Every > maxEvery):
		return p, httpapi.Unprocessable.With("every_ms is %d to %d", minEvery, maxEvery)
	}
	return p, w.Job.check(sleepKind, hashKind, failKind)
}

func (s *service) createSchedule(w http.ResponseWriter, r *http.Request) error {
	key, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	wanted, err := httpapi.Decode[wantedSchedule](w, r)
	if err != nil {
		return err
	}
	p, err := wanted.plan()
	if err != nil {
		return err
	}
	found, isNew, err := s.addSchedule(r.Context(), key, wanted.Job, p)
	if err != nil {
		return err
	}
	if !isNew {
		return httpapi.WriteJSON(w, http.StatusOK, found)
	}
	tell(s.newSchedule)
	w.Header().Set("Location", "/schedules/"+key)
	return httpapi.WriteJSON(w, http.StatusCreated, found)
}

func (s *service) readSchedule(w http.ResponseWriter, r *http.Request) error {
	found, err := s.getSchedule(r.Context(), httpapi.Param(r, "id"))
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusOK, found)
}
