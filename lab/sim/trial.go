package sim

import (
	"cmp"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
)

// playTrial plays the one run for which the environment asks, if it does, and ends the
// test.
func playTrial(t *testing.T, c lab.Chapter, v lab.Variant) {
	t.Helper()
	text := os.Getenv(lab.TrialVariable)
	if text == "" {
		return
	}
	var trial lab.Trial
	require.NoError(t, json.Unmarshal([]byte(text), &trial))
	trial = NewStage(t, c, v).Try(t, trial)
	Publish(t, lab.Report{Variant: v.Name, Scenario: trial.Scenario, Trial: &trial})
	t.SkipNow() // what follows needs an exploration
}

// Try plays one run. If clients that ask again at rest show without any fault what is
// wrong, no client asks again: a plan has to show it.
func (s *Stage) Try(t *testing.T, trial lab.Trial) lab.Trial {
	t.Helper()
	trial.Columns = s.variant.Columns()
	var found *lab.Scenario
	for _, scenario := range s.chapter.Scenarios {
		if !scenario.Suits(s.variant) {
			continue
		}
		trial.Scenarios = append(trial.Scenarios, scenario.Name)
		if scenario.Name == cmp.Or(trial.Scenario, trial.Scenarios[0]) {
			found = new(scenario.Keyed(trial.Keys))
		}
	}
	if found == nil {
		return trial
	}
	trial.Scenario = found.Name
	s.unasked = len(s.Run(t, *found, nil).Findings) > 0
	r := s.Run(t, *found, nil, trial.Plan...)
	s.unasked = false
	trial.Events, trial.Offers, trial.Unfired = r.Events, r.Offers, r.Unfired
	trial.Findings = r.Findings
	return trial
}
