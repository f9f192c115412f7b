package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.com/dtx/internal/sqlite"
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

// OpenDatabase opens the service's database, and changes its schema before, if its version does.
func (s Service) OpenDatabase(ctx context.Context, config sqlite.Config) (*sqlite.DB, error) {
	if len(s.Upgrade) > 0 {
		if err := s.upgrade(ctx, config.Path); err != nil {
			return nil, fmt.Errorf("upgrade %s to %s: %w", s.Name, s.Version, err)
		}
	}
	return sqlite.Open(ctx, config)
}

// upgrade changes the schema of a file, once.
func (s Service) upgrade(ctx context.Context, path string) error {
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		return err
	}
	err = db.Update(ctx, func(tx *sqlite.Tx) error {
		var done bool
		const look = "SELECT count(*) FROM sqlite_schema WHERE name = 'upgraded'"
		if err := tx.QueryRow(look).Scan(&done); err != nil || done {
			return err
		}
		for _, statement := range append(s.Upgrade, "CREATE TABLE upgraded (version TEXT)") {
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, db.Close())
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
