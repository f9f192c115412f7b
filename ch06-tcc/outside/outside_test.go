package outside_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch06-tcc/outside"
	"example.com/dtx/internal/sqlite"
)

func open(t *testing.T, place outside.Place) outside.Participant {
	t.Helper()
	file := func(name string) *sqlite.DB {
		db, err := sqlite.Open(t.Context(), sqlite.Config{
			Path: filepath.Join(t.TempDir(), name), Schema: outside.Schema,
		})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		return db
	}
	return outside.Participant{Place: place, Barrier: file("barrier"), Account: file("account")}
}

// reserved returns the units that are reserved after a try that fails half-way, then
// after what comes next, in turn.
func reserved(t *testing.T, place outside.Place, isRepeated bool) []int {
	t.Helper()
	p := open(t, place)
	var units []int
	look := func() {
		n, err := p.Reserved(t.Context())
		require.NoError(t, err)
		units = append(units, n)
	}
	require.ErrorIs(t, p.Try(t.Context(), "order-1", true), outside.ErrFailed)
	look()
	if isRepeated {
		require.NoError(t, p.Try(t.Context(), "order-1", false))
		look()
	}
	require.NoError(t, p.Cancel(t.Context(), "order-1"))
	look()
	return units
}

func TestInTheEffectsTransactionAFailedTryLeavesNothing(t *testing.T) {
	require.Equal(t, []int{0, 2, 0}, reserved(t, outside.Inside, true))
	require.Equal(t, []int{0, 0}, reserved(t, outside.Inside, false))
}

func TestBeforeTheEffectTheCancelGivesBackWhatWasNeverReserved(t *testing.T) {
	require.Equal(t, []int{0, 0, -2}, reserved(t, outside.Before, true))
	require.Equal(t, []int{0, -2}, reserved(t, outside.Before, false))
}

func TestAroundTheEffectTheCancelOfAFailedTryCountsAsEmpty(t *testing.T) {
	require.Equal(t, []int{2, 4, 2}, reserved(t, outside.Around, true))
	require.Equal(t, []int{2, 2}, reserved(t, outside.Around, false))
}

func TestWithoutAFailureAllThreeAreRight(t *testing.T) {
	for _, place := range []outside.Place{outside.Inside, outside.Before, outside.Around} {
		p := open(t, place)
		for _, want := range []int{2, 2} { // the second try is a repetition
			require.NoError(t, p.Try(t.Context(), "order-1", false))
			units, err := p.Reserved(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, units, place)
		}
		require.NoError(t, p.Cancel(t.Context(), "order-1"))
		units, err := p.Reserved(t.Context())
		require.NoError(t, err)
		require.Zero(t, units, place)
	}
}
