package replicated

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	Child()
	os.Exit(m.Run())
}

func TestNoAcknowledgedMessageIsLostWithTheLeader(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: three brokers need some seconds to elect a leader")
	}
	t.Parallel()
	r, err := Measure(t.Context(), t.TempDir())
	require.NoError(t, err)
	require.Equal(t, 2*half, r.Acknowledged)
	require.Zero(t, r.Lost, "acknowledged messages that are not stored")
	require.Zero(t, r.Again, "messages that are stored twice")
	t.Logf("%v without an acknowledgement", r.Without)
}
