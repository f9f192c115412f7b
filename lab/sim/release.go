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
// of a service that comes back as another version.
func (s *Stage) asked(scenario lab.Scenario, offers []fault.Offer) []fault.Offer {
	if scenario.Release == "" {
		return offers
	}
	return slices.DeleteFunc(slices.Clone(offers), func(o fault.Offer) bool {
		return !slices.Contains(deaths, o.Kind) || !slices.ContainsFunc(s.variant.Spares, func(spare lab.Service) bool {
			dies := strings.HasPrefix(o.Point, spare.Name+": ") || strings.HasPrefix(o.Point, spare.Name+" → ")
			return dies && spare.Version == scenario.Release
		})
	})
}
