package sim

import (
	"slices"
	"strings"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

// deaths are the faults that end a process and nothing else: of each point, those
// by which a release can come between.
var deaths = []fault.Kind{fault.Crash, fault.CrashBefore, fault.CrashAfter, fault.CrashOnReply, fault.CrashBeforeReply, fault.CrashAfterReply}

// asked returns the offers that a scenario is about. A release is about every death
// of a service that comes back as another version. A change of the world is about the
// faults that make a client ask again: deaths, and answers that are lost.
func (s *Stage) asked(scenario lab.Scenario, offers []fault.Offer) []fault.Offer {
	switch {
	case scenario.Release != "":
		return slices.DeleteFunc(slices.Clone(offers), func(o fault.Offer) bool {
			return !slices.Contains(deaths, o.Kind) || !s.comesBack(o.Point, scenario.Release)
		})
	case scenario.Change.SQL != "":
		return slices.DeleteFunc(slices.Clone(offers), func(o fault.Offer) bool {
			return !slices.Contains(deaths, o.Kind) && o.Kind != fault.ReplyLost
		})
	}
	return offers
}

// comesBack tells whether the service at a point has a version that is released.
func (s *Stage) comesBack(point, version string) bool {
	return slices.ContainsFunc(s.variant.Spares, func(spare lab.Service) bool {
		here := strings.HasPrefix(point, spare.Name+": ") || strings.HasPrefix(point, spare.Name+" → ")
		return here && spare.Version == version
	})
}
