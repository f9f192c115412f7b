package lab

import (
	"slices"

	"example.com/dtx/lab/event"
)

// Released returns what comes back of a service that has died: its spare of the
// version that is released, if it has one, else the service itself.
func (v Variant) Released(s Service, version string) Service {
	i := slices.IndexFunc(v.Spares, func(spare Service) bool {
		return version != "" && spare.Name == s.Name && spare.Version == version
	})
	if i < 0 {
		return s
	}
	return v.Spares[i]
}

// Suits tells whether a variant can play the scenario: what it releases is there.
func (s Scenario) Suits(v Variant) bool {
	return s.Release == "" || slices.ContainsFunc(v.Spares, func(spare Service) bool { return spare.Version == s.Release })
}

// Restarted is the record of a process that is up again, and as which version, if
// that is the one released.
func Restarted(s Service, released string) event.Event {
	e := event.Event{Service: s.Name, Kind: event.Restart}
	if released != "" && s.Version == released {
		e.Data.Text = "version " + released
	}
	return e
}

// Kind is the name under which the scenario's faults are counted; empty if each is
// counted under its own.
func (s Scenario) Kind() string {
	if s.Release != "" {
		return "release"
	}
	return ""
}

// meaning says in a sentence what is special about a scenario.
func (s Scenario) meaning() string {
	if s.Release != "" {
		return "a service that has died comes back as its version " + s.Release
	}
	return ""
}
