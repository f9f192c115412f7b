package main

import (
	"testing"

	"example.com/dtx/lab/shop"
	"example.com/dtx/lab/sim"
)

func TestManyOrdersOutlastAnAbsenceOfPayment(t *testing.T) {
	t.Parallel()
	sim.OutlastAbsence(t, chapter(), inRows(), "payment", shop.Order("ada", "salt", 1, "mon-am"))
}
