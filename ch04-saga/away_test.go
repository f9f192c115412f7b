package main

import (
	"testing"

	"example.com/dtx/lab/shop"
	"example.com/dtx/lab/sim"
)

func TestManyOrdersOutlastAnAbsenceOfPayment(t *testing.T) {
	t.Parallel()
	for _, v := range chapter().Variants {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			sim.OutlastAbsence(t, chapter(), v, "payment", shop.Order("ada", "salt", 1, "mon-am"))
		})
	}
}
