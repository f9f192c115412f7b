package places_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/places"
)

// served starts Run for n places; the function that it returns ends it.
func served(
	t *testing.T,
	n int,
	carry func(context.Context, *places.Run[string]),
) (*places.Places[string], func()) {
	t.Helper()
	p := places.Make[string](n, time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { p.Run(ctx, carry); close(ended) }()
	end := func() { cancel(); <-ended }
	t.Cleanup(end)
	return p, end
}

// begin begins a run that has to be new.
func begin(t *testing.T, p *places.Places[string], id string, c places.Class) *places.Run[string] {
	t.Helper()
	r, isNew, err := p.Begin(t.Context(), id, c)
	require.NoError(t, err, id)
	require.True(t, isNew, "%s has a run already", id)
	return r
}

func TestAnOrderWithoutAPlaceIsTurnedAwayInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := places.Make[string](1, time.Second)
		first := begin(t, p, "order-1", places.New)
		_, _, err := p.Begin(t.Context(), "order-2", places.New)
		require.ErrorIs(t, err, httpapi.Unavailable)
		first.Drop()
		begin(t, p, "order-2", places.New).Drop()
	})
}

func TestASecondCallerOfAnIDNeedsNoPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := places.Make[string](1, time.Second)
		first := begin(t, p, "order-1", places.New)
		defer first.Drop()
		second, isNew, err := p.Begin(t.Context(), "order-1", places.New)
		require.NoError(t, err)
		require.False(t, isNew)
		require.Same(t, first, second)
	})
}

func TestTwoCallersThatWaitForAPlaceShareOneRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := places.Make[string](1, time.Second)
		other := begin(t, p, "order-1", places.New)
		runs := make(chan *places.Run[string], 2)
		for range 2 {
			go func() {
				r, _, err := p.Begin(t.Context(), "order-2", places.New)
				require.NoError(t, err)
				runs <- r
			}()
		}
		synctest.Wait()
		other.Drop()
		r := <-runs
		require.Same(t, p.Find("order-2"), r)
		r.Drop() // and the other caller has a place now
		r = <-runs
		r.Drop()
		begin(t, p, "order-3", places.New).Drop()
	})
}

func TestEverySecondFreePlaceGoesToANewOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := places.Make[string](1, time.Minute)
		now := begin(t, p, "first", places.New)
		begun := make(chan *places.Run[string])
		wait := func(id string, c places.Class) {
			go func() {
				r, _, err := p.Begin(t.Context(), id, c)
				require.NoError(t, err)
				begun <- r
			}()
			synctest.Wait()
		}
		for i := range 4 {
			wait(fmt.Sprintf("old-%d", i), places.Old)
		}
		for i := range 2 {
			wait(fmt.Sprintf("new-%d", i), places.New)
		}
		var order []string
		for range 6 {
			now.Drop()
			now = <-begun
			order = append(order, now.ID)
		}
		now.Drop()
		require.Equal(t, []string{"new-0", "old-0", "new-1", "old-1", "old-2", "old-3"}, order)
	})
}

func TestAWaitThatIsGivenUpLosesNoPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := places.Make[string](1, time.Minute)
		first := begin(t, p, "order-1", places.New)
		ctx, hangUp := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { _, _, err := p.Begin(ctx, "order-2", places.Old); ended <- err }()
		synctest.Wait()
		hangUp()
		require.Error(t, <-ended)
		first.Drop()
		begin(t, p, "order-3", places.New).Drop()
	})
}

func TestWhoWaitsHearsTheOutcomeBeforeTheRunEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _ := served(t, 1, func(ctx context.Context, r *places.Run[string]) {
			r.Decide("done")
			<-ctx.Done()
		})
		r := begin(t, p, "order-1", places.New)
		r.Hand()
		require.Equal(t, "done", r.Wait(t.Context()))
		require.Same(t, r, p.Find("order-1"), "the run has ended")
	})
}

func TestARunThatEndsUndecidedLetsItsWaitersGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _ := served(t, 1, func(_ context.Context, r *places.Run[string]) { r.Set("running") })
		r := begin(t, p, "order-1", places.New)
		r.Hand()
		require.Equal(t, "running", r.Wait(t.Context()))
		synctest.Wait()
		require.Nil(t, p.Find("order-1"))
	})
}

func TestNothingWaitsForAServiceThatHasEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, end := served(t, 2, func(ctx context.Context, _ *places.Run[string]) { <-ctx.Done() })
		before := begin(t, p, "order-1", places.New)
		before.Hand()
		end()
		after := begin(t, p, "order-2", places.New)
		after.Hand()
		require.Empty(t, before.Wait(t.Context()))
		require.Empty(t, after.Wait(t.Context()))
	})
}

func TestARunHasTheValuesOfItsCallerAndTheLifeOfTheService(t *testing.T) {
	t.Parallel()
	type name struct{}
	synctest.Test(t, func(t *testing.T) {
		value := make(chan any, 2)
		p, end := served(t, 1, func(ctx context.Context, _ *places.Run[string]) {
			value <- ctx.Value(name{})
			<-ctx.Done()
			value <- "ended"
		})
		ctx, hangUp := context.WithCancel(context.WithValue(t.Context(), name{}, "trace"))
		r, _, err := p.Begin(ctx, "order-1", places.New)
		require.NoError(t, err)
		r.Hand()
		hangUp()
		synctest.Wait()
		require.Len(t, value, 1, "the run ended with its caller")
		require.Equal(t, "trace", <-value)
		end()
		require.Equal(t, "ended", <-value)
	})
}

func TestAPanicKeepsNoPlace(t *testing.T) {
	t.Parallel()
	p := places.Make[string](1, time.Second)
	require.Panics(t, func() {
		r := begin(t, p, "order-1", places.New)
		defer r.Drop()
		panic("in the hook")
	})
	begin(t, p, "order-2", places.New).Drop()
}

func TestFromTheSecondTryOnAPauseHoldsNoPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for try, want := range map[int]bool{1: false, 2: true, 3: true} {
			p, end := served(
				t,
				1,
				func(ctx context.Context, r *places.Run[string]) { _ = r.Pause(ctx, try) },
			)
			begin(t, p, "order-1", places.New).Hand()
			synctest.Wait()
			other, _, err := p.Begin(t.Context(), "order-2", places.Old)
			require.NoError(t, err)
			require.Equal(
				t,
				want,
				p.Find("order-1") != nil,
				"free during the pause after try %d",
				try,
			)
			other.Drop()
			end()
		}
	})
}

func TestARunThatHasPausedGivesOnePlaceBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, life := range []time.Duration{time.Millisecond, time.Hour} {
			p, end := served(t, 1, func(ctx context.Context, r *places.Run[string]) {
				ctx, cancel := context.WithTimeout(ctx, life)
				defer cancel()
				_ = r.Pause(ctx, 2)
			})
			r := begin(t, p, "order-1", places.New)
			r.Hand()
			r.Wait(t.Context())
			begin(t, p, "order-2", places.New)
			_, _, err := p.Begin(t.Context(), "order-3", places.New)
			require.ErrorIs(t, err, httpapi.Unavailable, "there are two places now, and was one")
			end()
		}
	})
}

func TestABackoffGrowsAndIsBounded(t *testing.T) {
	t.Parallel()
	for try, most := 1, 200*time.Millisecond; try < 100; try++ {
		got := places.Backoff("order-1", try)
		require.GreaterOrEqual(t, got, most/2, "try %d", try)
		require.LessOrEqual(t, got, most, "try %d", try)
		require.Equal(t, got, places.Backoff("order-1", try))
		most = min(2*most, 10*time.Second)
	}
	require.NotEqual(t, places.Backoff("order-1", 5), places.Backoff("order-10", 5))
}
