package main

import (
	"testing"

	"example.com/dtx/lab/sim"
)

func TestManyOrdersOutlastAnAbsenceOfPayment(t *testing.T) {
	t.Parallel()
	sim.OutlastAbsence(t, chapter(), inRows(), "payment", some("salt", 1))
}
