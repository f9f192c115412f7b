package lab

import (
	"reflect"
	"slices"
	"strings"
)

// Judge compares what a run left and told with what the scenario's orders should
// have done. Last is what the clients were told when they asked again at rest.
func (c Chapter) Judge(s Scenario, before, after Ledger, told, last []Answer) []Finding {
	orders := s.Orders
	if last != nil {
		orders = slices.Concat(orders, s.More)
	}
	told = slices.Concat(told, last)
	findings := Judge(before, after, orders, c.Effects, told)
	if s.Instead != nil && len(findings) > 0 {
		findings = Judge(before, after, orders, s.Instead, told)
	}
	return slices.Concat(findings, parked(s.Parked, after.Parked), notFinal(last))
}

// notFinal finds the clients that asked again in vain.
func notFinal(last []Answer) (findings []Finding) {
	for _, a := range last {
		if !a.Final() {
			text := "the client asked again when all was at rest: " + a.String()
			findings = append(findings, Finding{FinalAnswer, "no final answer", text})
		}
	}
	return findings
}

// parked compares what is set aside with the reasons that a scenario expects.
func parked(reasons, rows []string) (findings []Finding) {
	reasons = slices.Clone(reasons)
	for _, row := range rows {
		i := slices.IndexFunc(reasons, func(reason string) bool {
			return strings.HasSuffix(row, ": "+reason)
		})
		if i < 0 {
			findings = append(findings, Finding{AtRest, "parked", row})
			continue
		}
		reasons = slices.Delete(reasons, i, i+1)
	}
	for _, reason := range reasons {
		text := "nothing is parked because of: " + reason
		findings = append(findings, Finding{AtRest, "not parked", text})
	}
	return findings
}

// AskAgain has the client of each order ask for it once more, one after the other;
// then the orders are placed that were to wait for rest.
func (s Scenario) AskAgain(ask func(Order) []Answer) (last []Answer) {
	for _, o := range slices.Concat(s.Orders, s.More) {
		last = append(last, ask(o)...)
	}
	return last
}

// Settled tells whether the clients' last questions left nothing to wait for: each
// answer is final, and the ledger is as it was.
func Settled(last []Answer, before, after Ledger) bool {
	return reflect.DeepEqual(before, after) && len(notFinal(last)) == 0
}
