package saga

import (
	"context"

	"example.com/dtx/internal/httpapi"
)

// Progress is how far one step is.
type Progress struct {
	Step  string `json:"step"`
	State string `json:"state"` // open, under way, done, refused, being undone, undone; unknown if nobody is at it, or only since a restart
}

// History returns a saga and the progress of its steps.
func (e *Engine) History(ctx context.Context, id string) (Saga, []Progress, error) {
	e.mu.Lock()
	r := e.runs[id]
	e.mu.Unlock()
	s, err := e.Read(ctx, id)
	if err != nil {
		return s, nil, err
	}
	list := make([]Progress, len(s.Steps))
	for i, step := range s.Steps {
		list[i] = Progress{step.Name, s.progress(r, i)}
	}
	if r != nil && s.State == Running {
		s.State = r.now().State // it may be past its pivot
	}
	return s, list, nil
}

// progress is how far step i is, r being the saga's run or nil.
func (s Saga) progress(r *run, i int) string {
	reached, known, begun := r.at()
	switch {
	case s.State == Done:
		return "done"
	case s.State == Running && (!known || i > reached && !begun): // an earlier run may have done it
		return "unknown"
	case s.State == Running && i < reached:
		return "done"
	case s.State == Running && i == reached:
		return "under way"
	case s.State == Running:
		return "open"
	case i == s.From+1 && s.Why != httpapi.GivenUp:
		return "refused"
	case i > s.From:
		return "open"
	case s.State == Undoing && (!known || i == reached):
		return "being undone"
	case s.State == Undoing && i < reached:
		return "done"
	}
	return "undone"
}
