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

// Suits tells whether a variant can play the scenario: the versions and the service
// that it needs are there, and a key is used twice only where that matters.
func (s Scenario) Suits(v Variant) bool {
	if s.Twins() && !v.Idempotent || !v.has(s.Release) || !v.has(s.Version) {
		return false
	}
	return s.Change.SQL == "" || slices.ContainsFunc(v.Services, func(service Service) bool {
		return service.Name == s.Change.Service && service.Command == nil
	})
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
