package lab

import (
	"fmt"
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

// Suits tells whether a variant can play the scenario.
func (s Scenario) Suits(v Variant) bool { return s.Lacks(v) == "" }

// Lacks says what a variant lacks that cannot play the scenario: a version, the service
// that is to change, or, where a key is used twice, the promise that this matters. It is
// empty if the variant can.
func (s Scenario) Lacks(v Variant) string {
	switch {
	case s.Twins() && !v.Idempotent:
		return "no promise that it is Idempotent"
	case !v.has(s.Release):
		return fmt.Sprintf("no spare of version %q", s.Release)
	case !v.has(s.Version):
		return fmt.Sprintf("no spare of version %q", s.Version)
	case s.Change.SQL != "" && !slices.ContainsFunc(v.Services, s.changes):
		return fmt.Sprintf("no database of service %q", s.Change.Service)
	}
	return ""
}

func (s Scenario) changes(of Service) bool {
	return of.Name == s.Change.Service && of.Command == nil
}

func (v Variant) has(version string) bool {
	return version == "" || slices.ContainsFunc(v.Spares, func(spare Service) bool {
		return spare.Version == version
	})
}

// As returns the variant with its services in a version, those that have it.
func (v Variant) As(version string) Variant {
	v.Services = slices.Clone(v.Services)
	for i, s := range v.Services {
		v.Services[i] = v.Released(s, version)
	}
	return v
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
	switch {
	case s.Release != "":
		return "release"
	case s.Change.SQL != "":
		return "the world changes"
	case s.Version != "":
		return s.Version
	}
	return ""
}
