package saga_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
)

// inTurn gives one answer after the other, the last one for ever.
func inTurn(path string, answers ...func(*http.Request) error) func(*http.Request) error {
	return func(r *http.Request) error {
		if r.URL.Path != path {
			return nil
		}
		answer := answers[0]
		if len(answers) > 1 {
			answers = answers[1:]
		}
		return answer(r)
	}
}

func refusal(kind httpapi.Kind) func(*http.Request) error {
	return func(*http.Request) error { return kind.With("") }
}

// early are the refusals that are said before the look-up.
func early() []httpapi.Kind {
	return []httpapi.Kind{
		httpapi.Malformed, httpapi.MissingKey, httpapi.TooLarge, httpapi.UnsupportedMediaType,
	}
}

// TestAStepRefusedBeforeTheLookUpIsCompensatedToo checks a refusal that comes before
// the look-up: it says nothing of the try before it.
func TestAStepRefusedBeforeTheLookUpIsCompensatedToo(t *testing.T) {
	t.Parallel()
	for _, kind := range early() {
		synctest.Test(t, func(t *testing.T) {
			p := &peers{answer: inTurn("/take", silent, refusal(kind))}
			o, _ := run(t, empty(t, filepath.Join(t.TempDir(), "order.db")), p.to("order"))
			require.Equal(t, saga.Compensated, (<-execute(t, o, "order-1")).State, kind)
			require.Contains(t, p.set(yes), "order/give-back", kind)
		})
	}
}

func TestAJudgedStepIsNotCompensated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &peers{answer: inTurn("/take", silent, refusal(httpapi.OutOfStock))}
		o, _ := run(t, empty(t, filepath.Join(t.TempDir(), "order.db")), p.to("order"))
		s := <-execute(t, o, "order-1")
		require.Equal(t, saga.Compensated, s.State)
		require.Equal(t, httpapi.OutOfStock, s.Why)
		require.Equal(t, []string{"order/take", "order/take"}, p.set(yes))
	})
}

func TestThePivotsRefusalBeforeTheLookUpIsNotTrusted(t *testing.T) {
	t.Parallel()
	for _, kind := range early() {
		synctest.Test(t, func(t *testing.T) {
			p := &peers{answer: inTurn("/book", silent, refusal(kind), yes)}
			o, _ := run(t, empty(t, filepath.Join(t.TempDir(), "order.db")), p.to("order"))
			require.Equal(t, saga.Done, (<-execute(t, o, "order-1")).State, kind)
			require.NotContains(t, p.set(yes), "order/give-back", kind)
		})
	}
}

// last is a saga whose last step comes after the pivot.
func last() saga.Request {
	list := steps("http://stock/give-back", "", "")
	list[2].Forward = "http://payment/capture"
	return wants(list)
}

func TestARefusalAfterThePivotIsParkedAndReleased(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &peers{answer: inTurn("/capture", refusal(httpapi.NotFound))}
		db := empty(t, filepath.Join(t.TempDir(), "order.db"))
		o, end := run(t, db, p.to("order"))
		s, err := o.Execute(t.Context(), "order-1", last())
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
		synctest.Wait()
		p.set(inTurn("/capture", refusal(httpapi.NotFound)))
		time.Sleep(9 * time.Minute)
		require.Empty(t, p.set(inTurn("/capture", refusal(httpapi.NotFound))), "it is tried rarely")
		time.Sleep(2 * time.Minute)
		require.NotEmpty(t, p.set(inTurn("/capture", refusal(httpapi.NotFound))), "and it is tried")

		end()
		o, _ = run(t, db, p.to("heir"))
		synctest.Wait()
		list, err := o.Open(t.Context(), true)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "order-1", list[0].ID)
		require.Equal(t, httpapi.NotFound, list[0].Parked)
		require.EqualValues(t, 660, list[0].Age, "seconds")
		s, err = o.Execute(t.Context(), "order-1", last())
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State, "the customer was told that before")

		require.ErrorIs(t, o.Release(t.Context(), "order-10"), httpapi.NotFound)
		p.set(yes)
		require.NoError(t, o.Release(t.Context(), "order-1"))
		synctest.Wait()
		require.Contains(t, p.set(yes), "heir/capture")
		open, err := o.Open(t.Context(), false)
		require.NoError(t, err)
		require.Empty(t, open)
	})
}

func TestOnlyARefusalParks(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(*http.Request) error{
		"a timeout": silent, "a 500": func(*http.Request) error { return errors.New("broken") },
		"a 503": refusal(httpapi.Unavailable), "a stranger": refusal(httpapi.NoRoute),
		"an early refusal": refusal(httpapi.Malformed),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &peers{answer: inTurn("/capture", answer)}
				o, _ := run(t, empty(t, filepath.Join(t.TempDir(), "order.db")), p.to("order"))
				_, err := o.Execute(t.Context(), "order-1", last())
				require.NoError(t, err)
				time.Sleep(time.Minute)
				list, err := o.Open(t.Context(), true)
				require.NoError(t, err)
				require.Empty(t, list)
				p.set(yes)
				time.Sleep(10 * time.Second)
				list, err = o.Open(t.Context(), false)
				require.NoError(t, err)
				require.Empty(t, list, "it is not finished when the participant is well again")
			})
		})
	}
}

// TestWhatIsParkedIsTriedEveryTenMinutes has so many open sagas that one pass of recovery
// takes longer than ten minutes.
func TestWhatIsParkedIsTriedEveryTenMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &peers{answer: func(r *http.Request) error {
			switch {
			case r.URL.Path == "/capture":
				return httpapi.NotFound.With("")
			case r.URL.Path == "/book" && r.Header.Get("Idempotency-Key") != "order-1":
				return silent(r)
			}
			return nil
		}}
		db := empty(t, filepath.Join(t.TempDir(), "order.db"))
		o, _ := runWith(t, db, p.to("order"), 4)
		_, err := o.Execute(t.Context(), "order-1", last())
		require.NoError(t, err)
		for i := range 40 {
			go func() { _, _ = o.Execute(t.Context(), fmt.Sprint("silent-", i), order()) }()
			time.Sleep(5 * time.Second)
		}
		p.set(p.answer)
		time.Sleep(time.Hour)
		tried := 0
		for _, call := range p.set(yes) {
			if call == "order/capture" {
				tried++
			}
		}
		require.InDelta(t, 6, tried, 1, "tries in an hour")
	})
}

// parked has the capture of order-1 refused, with room for so many sagas: the saga is parked.
func parked(t *testing.T, room int) (*peers, *saga.Orchestrator) {
	t.Helper()
	p := &peers{answer: inTurn("/capture", refusal(httpapi.NotFound))}
	o, _ := runWith(t, empty(t, filepath.Join(t.TempDir(), "order.db")), p.to("order"), room)
	_, err := o.Execute(t.Context(), "order-1", last())
	require.NoError(t, err)
	synctest.Wait()
	return p, o
}

func TestWhatIsParkedStaysSoThoughNoAnswerComes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, o := parked(t, saga.MaxPlaces)
		p.set(inTurn("/capture", silent))
		time.Sleep(11 * time.Minute)
		parked, err := o.Open(t.Context(), true)
		require.NoError(t, err)
		require.Len(t, parked, 1)
	})
}

func TestAReleaseIsDoneThoughThereIsNoPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, o := parked(t, 1)
		p.set(silent)
		execute(t, o, "other") // it has the place
		synctest.Wait()
		operator, hangUp := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer hangUp()
		require.NoError(t, o.Release(operator, "order-1"))
		p.set(yes)
		time.Sleep(time.Minute)
		open, err := o.Open(t.Context(), false)
		require.NoError(t, err)
		require.Empty(t, open)
	})
}

// TestAReleaseDuringATryIsRefused repairs the participant while its refusal is on the way.
func TestAReleaseDuringATryIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, o := parked(t, saga.MaxPlaces)
		p.set(inTurn("/capture", func(*http.Request) error {
			time.Sleep(500 * time.Millisecond)
			return httpapi.NotFound.With("")
		}))
		time.Sleep(10*time.Minute + 100*time.Millisecond)
		require.NotEmpty(t, p.set(yes), "the try is under way")
		require.ErrorIs(t, o.Release(t.Context(), "order-1"), httpapi.InFlight)
		time.Sleep(time.Second)
		require.NoError(t, o.Release(t.Context(), "order-1"))
		synctest.Wait()
		open, err := o.Open(t.Context(), false)
		require.NoError(t, err)
		require.Empty(t, open)
	})
}
