package load_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/labtest"
	"example.com/dtx/lab/load"
	"example.com/dtx/lab/toy"
)

func TestAPercentileIsADurationThatWasMeasured(t *testing.T) {
	for _, example := range []struct {
		took     []time.Duration
		p50, p99 time.Duration
	}{
		{upTo(1), 1, 1},
		{upTo(2), 1, 2},
		{upTo(3), 2, 3},
		{upTo(100), 50, 99},
		{upTo(101), 51, 100},
		{upTo(200), 100, 198},
	} {
		took, n := example.took, len(example.took)
		require.Equal(t, example.p50, load.Percentile(took, 50), "of 1 to %d", n)
		require.Equal(t, example.p99, load.Percentile(took, 99), "of 1 to %d", n)
	}
}

func upTo(n int) (list []time.Duration) {
	for i := range n {
		list = append(list, time.Duration(i+1))
	}
	return list
}

// rates are runs of so many orders, in a second each.
func rates(orders ...int) (list []load.Rate) {
	for _, n := range orders {
		list = append(list, load.Rate{Orders: n, Elapsed: time.Second})
	}
	return list
}

func TestTheMedianIsTheRunInTheMiddle(t *testing.T) {
	require.Equal(t, 30, load.Median(rates(30, 90, 10)).Orders)
	require.Equal(t, 10, load.Median(rates(30, 10)).Orders)
}

func TestRunsAreComparedWithTheirNeighbours(t *testing.T) {
	// The machine was slow in the third turn. The medians alone say 40/100.
	require.InDelta(t, 0.5, load.Ratio(rates(40, 50, 20), rates(100, 100, 40)), 1e-9)
}

func TestInterleavedRunsAreKeptApart(t *testing.T) {
	ownDisk(t)
	two, three := loadOf(toy.Variant(toy.None), 1, 2), loadOf(toy.Alone(), 1, 3)
	turns, err := load.Interleave(labtest.Within(t), 2, two, three)
	require.NoError(t, err)
	require.Len(t, turns, 2)
	for i, want := range []map[string]int64{{"shop": 2, "till": 2}, {"till": 3}} {
		require.Len(t, turns[i], 2)
		for _, r := range turns[i] {
			require.Empty(t, r.Other)
			require.Equal(t, want, r.ForcedBy)
		}
	}
}
