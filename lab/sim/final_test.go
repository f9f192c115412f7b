package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/toy"
)

func TestTheLastQuestionIsRecordedOnlyIfItBreaksSomething(t *testing.T) {
	t.Parallel()
	lost := fault.Fault{Kind: fault.Lost, Point: charge}
	right := stage(t, toy.None).Run(t, scenario(t, "success"), nil, lost)
	require.Empty(t, right.Findings)
	require.Len(t, right.Told, 1, "what the client was told")
	broken := stage(t, toy.ErrorForEver).Run(t, scenario(t, "success"), nil, lost)
	require.Equal(t, []lab.Finding{{
		Invariant: lab.FinalAnswer,
		Damage:    "no final answer",
		Text:      "the client asked again when all was at rest: order-1: 500 internal error",
	}}, broken.Findings)
	require.Len(t, broken.Told, 2, "what the client was told")
	coherent(t, broken)
}

func TestWhatIsParkedIsExpectedByNumberAndReason(t *testing.T) {
	t.Parallel()
	s, lost := stage(t, toy.ParkedUnseen), fault.Fault{Kind: fault.Lost, Point: charge}
	for _, row := range []struct{ expected, found []string }{
		{expected: nil, found: []string{"parked: order-1 is set aside: no answer"}},
		{expected: []string{"no answer"}},
		{expected: []string{"answer"}, found: []string{
			"parked: order-1 is set aside: no answer",
			"not parked: nothing is parked because of: answer",
		}},
		{expected: []string{"no answer", "no answer"}, found: []string{
			"not parked: nothing is parked because of: no answer",
		}},
	} {
		success := scenario(t, "success")
		success.Parked = row.expected
		var found []string
		for _, f := range s.Run(t, success, nil, lost).Findings {
			require.Equal(t, lab.AtRest, f.Invariant)
			found = append(found, f.String())
		}
		require.Equal(t, row.found, found, "expected %q", row.expected)
	}
}
