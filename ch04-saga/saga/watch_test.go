package saga_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
)

func TestTheStepThatIsBeingCalledIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &peers{answer: silent}
		o, end := run(t, open(t), p.to("order"))
		told := make(chan saga.Saga)
		list := steps("http://stock/give-back", "")
		list[0].Name, list[1].Name = "take", "book"
		p.set(inTurn("/book", silent))
		list[1].Forward = "http://stock/book"
		go func() {
			s, err := o.Execute(t.Context(), "order-1", wants(list))
			require.NoError(t, err)
			told <- s
		}()
		synctest.Wait()
		s, step, err := o.Progress(t.Context(), "order-1")
		require.NoError(t, err)
		require.Equal(t, saga.Running, s.State)
		require.Equal(t, "book", step)
		end()
		<-told
		_, step, err = o.Progress(t.Context(), "order-1")
		require.NoError(t, err)
		require.Empty(t, step, "no run works on it")
	})
}

func TestTheStepThatIsBeingCompensatedIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &peers{answer: func(r *http.Request) error {
			switch r.URL.Path {
			case "/book":
				return httpapi.SlotFull.With("")
			case "/void":
				return silent(r)
			}
			return nil
		}}
		o, _ := run(t, open(t), p.to("order"))
		list := steps("http://stock/give-back", "http://payment/void", "")
		for i, name := range []string{"take", "authorize", "book"} {
			list[i].Name, list[i].Forward = name, "http://stock/"+name
		}
		go func() { _, _ = o.Execute(t.Context(), "order-1", wants(list)) }()
		synctest.Wait()
		s, step, err := o.Progress(t.Context(), "order-1")
		require.NoError(t, err)
		require.Equal(t, saga.Compensating, s.State)
		require.Equal(t, "authorize", step)
		p.set(yes)
		time.Sleep(time.Minute)
		s, step, err = o.Progress(t.Context(), "order-1")
		require.NoError(t, err)
		require.Equal(t, saga.Compensated, s.State)
		require.Empty(t, step)
	})
}

// readGate holds back reads whose context does not say passes, while it is shut.
type readGate struct {
	gate
	closed chan struct{}
}

type passes struct{}

func (g *readGate) Read(ctx context.Context) error {
	if g.closed != nil && ctx.Value(passes{}) == nil {
		<-g.closed
	}
	return nil
}

func (g *readGate) Join(context.Context, bool, int) bool { return false }

// TestASagaThatIsBeingLookedUpHasItsRecordedState looks at a saga between the moment in
// which a run for it begins and the moment in which the run has read the record.
func TestASagaThatIsBeingLookedUpHasItsRecordedState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, p := &readGate{}, &peers{answer: inTurn("/capture", refusal(httpapi.NotFound))}
		o, end := run(t, openBehind(t, g), p.to("order"))
		defer end()
		_, err := o.Execute(t.Context(), "order-1", last())
		require.NoError(t, err)
		synctest.Wait() // it is parked
		g.closed = make(chan struct{})
		released := make(chan error, 1)
		go func() { released <- o.Release(t.Context(), "order-1") }()
		synctest.Wait()
		require.Empty(t, released, "it is being looked up")
		s, step, err := o.Progress(context.WithValue(t.Context(), passes{}, true), "order-1")
		require.NoError(t, err)
		require.Equal(t, saga.Done, s.State)
		require.Empty(t, step)
		close(g.closed)
		require.NoError(t, <-released)
	})
}
