package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/httpapi"
)

func TestTCCCancelsWhatAPlainWriterHasChanged(t *testing.T) {
	t.Parallel()
	r, err := rewrite(t.Context(), reserving(), 5)
	require.NoError(t, err)
	require.EqualValues(t, 13, r.Between)
	require.EqualValues(t, 15, r.After)
	require.Empty(t, r.Stuck)
}

func TestATCannotCancelWhatAPlainWriterHasChanged(t *testing.T) {
	t.Parallel()
	r, err := rewrite(t.Context(), undoing(), 5)
	require.NoError(t, err)
	require.EqualValues(t, 13, r.Between)
	require.ErrorIs(t, r.ForUpdate, httpapi.Locked)
	require.EqualValues(t, 13, r.After)
	require.Contains(t, r.Parked, "dirty record: tea")
	require.Equal(t, []string{
		"order-1 is cancelling, and waits for stock",
		"undo log of order-1 for tea", "tea is locked by order-1",
	}, r.Stuck)
	require.EqualValues(t, 15, r.Repaired)
}

func TestATLosesAnUpdateThatLooksLikeItsUndo(t *testing.T) {
	t.Parallel()
	r, err := rewrite(t.Context(), undoing(), 2)
	require.NoError(t, err)
	require.EqualValues(t, 10, r.Between)
	require.EqualValues(t, 10, r.After, "10 and 2 that came in are 12")
	require.Empty(t, r.Stuck)
	require.Empty(t, r.Parked)
}
