package page

import (
	"encoding/json"
	"io"
	"net/http"
)

func (s *Site) showReplay(w http.ResponseWriter, _ *http.Request) {
	s.render(w, http.StatusOK, view{Title: "Replay a run", Kind: "replay", Given: s.replay != nil})
}

// replayGiven answers with the run that was named on the command line.
func (s *Site) replayGiven(w http.ResponseWriter, _ *http.Request) {
	if s.replay == nil {
		http.Error(w, "no file was named on the command line", http.StatusNotFound)
		return
	}
	answerSteps(w, s.replay)
}

// replaySent answers with the run that the browser sends.
func (s *Site) replaySent(w http.ResponseWriter, r *http.Request) {
	lines, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	answerSteps(w, lines)
}

func answerSteps(w http.ResponseWriter, lines []byte) {
	steps, err := record(lines)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	answer(w, http.StatusOK, steps)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who has gone needs no answer
}
