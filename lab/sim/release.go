package sim

import (
	"slices"
	"strings"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

// deaths are the faults that end a process and nothing else: of each point, those
// by which a release can come between.
var deaths = []fault.Kind{
	fault.Crash, fault.CrashBefore, fault.CrashAfter,
	fault.CrashOnReply, fault.CrashBeforeReply, fault.CrashAfterReply,
}

// asked returns the offers that a scenario is about. A release is about every death
// of a service that comes back as another version; orders in turn are about what one
// death, or a process taken for dead, leaves of two. A change of the world comes between
// an answer and its repetition: it is about what makes a client ask again, and about a
// request that arrives when all has been answered.
func (s *Stage) asked(scenario lab.Scenario, offers []fault.Offer) []fault.Offer {
	return slices.DeleteFunc(slices.Clone(offers), func(o fault.Offer) bool {
		switch {
		case scenario.Release != "":
			return !slices.Contains(deaths, o.Kind) || !s.comesBack(o.Point, scenario.Release)
		case scenario.InTurn:
			return !slices.Contains(deaths, o.Kind) && !strings.HasPrefix(string(o.Kind), "zombie")
		case scenario.Change.SQL != "":
			return !repeats(o.Kind) && o.Kind != fault.AtRest
		}
		return false
	})
}

// repeats tells whether a fault of this kind makes a client ask again: a death, or an
// answer that is lost.
func repeats(kind fault.Kind) bool {
	return slices.Contains(deaths, kind) || kind == fault.ReplyLost
}

// comesBack tells whether the service at a point has a version that is released.
func (s *Stage) comesBack(point, version string) bool {
	return slices.ContainsFunc(s.variant.Spares, func(spare lab.Service) bool {
		here := strings.HasPrefix(point, spare.Name+": ") ||
			strings.HasPrefix(point, spare.Name+" → ")
		return here && spare.Version == version
	})
}
