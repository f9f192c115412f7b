package lab

import (
	"strings"

	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// Trial is one run of the simulation: what is to be played, and what came of it.
type Trial struct {
	Variant  string
	Scenario string // the first one that suits the variant, if empty
	Keys     string // what the keys of the orders begin with, in place of "order"
	Plan     []fault.Fault

	Scenarios []string // those of the variant; if Scenario is none of them, no run was played
	Columns   []string
	Events    []event.Event
	Offers    []fault.Offer
	Unfired   []fault.Fault // faults of the plan to which the run never came
	Findings  []Finding
}

// Keyed returns the scenario with orders whose keys begin with another word.
func (s Scenario) Keyed(word string) Scenario {
	rename := func(orders []Order) (renamed []Order) {
		for _, o := range orders {
			o.Key = Rekeyed(o.Key, word)
			renamed = append(renamed, o)
		}
		return renamed
	}
	s.Orders, s.More = rename(s.Orders), rename(s.More)
	return s
}

// Rekeyed puts another word before the number of each order in a text.
func Rekeyed(text, word string) string {
	return strings.ReplaceAll(text, "order-", word+"-")
}
