package lab_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

func TestEachRunIsCountedUnderTheKindOfItsFault(t *testing.T) {
	lost := fault.Fault{Kind: fault.Lost, Point: "client → till: POST /orders order-1 #1"}
	broken := []lab.Finding{{Invariant: lab.Answered, Damage: "unexpected answers"}}
	first, second := lab.Report{Variant: "right"}, lab.Report{Variant: "right"}
	first.Tally(nil, []fault.Fault{lost}, nil)
	first.Tally(broken, []fault.Fault{lost}, nil)
	first.Tally(broken, []fault.Fault{lost, lost}, nil)
	second.Tally(nil, nil, nil)
	second.TallyAs("release", broken, nil, nil)
	second.Tally(nil, []fault.Fault{lost}, nil)
	first.Merge(second)
	require.Equal(t, map[string]lab.Count{
		"lost": {3, 1}, lab.SeveralFaults: {1, 1}, lab.Interleaving: {1, 0}, "release": {1, 1},
	}, first.Kinds)
	require.Equal(t, [][]string{
		{"broken of tried, by kind", "right"},
		{lab.Interleaving, "0 of 1"},
		{"lost", "1 of 3"},
		{"release", "1 of 1"},
		{lab.SeveralFaults, "1 of 1"},
	}, lab.KindTable(first))

	text, err := json.Marshal(first)
	require.NoError(t, err)
	var read lab.Report
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, first.Kinds, read.Kinds)
}
