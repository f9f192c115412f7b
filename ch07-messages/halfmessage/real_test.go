package halfmessage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/sim"
)

func TestRealProcessesAndTheSimulationAgreeOnEveryCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("-short kills no real process")
	}
	t.Parallel()
	crashes := sim.EveryCrash(t, chapter(), chapter().Variants[0], success(), fault.CrashAfter)
	require.NotZero(t, crashes)
	t.Logf("%d crash points: the same ledgers and verdict in both worlds", crashes)
}
