package main

import (
	"testing"

	"example.com/dtx/lab/sim"
	"fmt"
)

func TestX(t *testing.T) {
	c := chapter()
	for _, v := range c.Variants {
		t.Run(v.Name, func(t *testing.T){
		s := sim.NewStage(t, c, v)
		all := sim.Report{Variant: v.Name, Scenario: "all"}
		for _, sc := range c.Scenarios {
			r := s.Explore(t, sc, false)
			fmt.Println(r, r.Wrong)
			all.Merge(r)
		}
		fmt.Println(all)
		for _, d := range all.Damages { fmt.Println(d.Runs, d.Damage, d.Invariant, d.Plan, d.Text, len(d.Events)) }
		})
	}
}
