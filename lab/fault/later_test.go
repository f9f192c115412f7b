package fault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// next plans a fault for the next point where it can strike.
func next(
	t *testing.T, d *fault.Director, k fault.Kind, service, peer string,
) (struck func() string) {
	t.Helper()
	is, err := d.Next(k, service, peer)
	require.NoError(t, err)
	return func() string {
		f, fired := is()
		if !fired {
			return ""
		}
		return f.String()
	}
}

func TestTheNextFaultStrikesAtTheFirstPointWhereItCan(t *testing.T) {
	d := fault.NewDirector("client", false)
	d.Rule(sending("order-1"), time.Time{})
	lost := next(t, d, fault.Lost, "", "")
	d.Rule(committing("order-1"), time.Time{})
	require.Empty(t, lost(), "no message is lost in a database")
	ruling, _ := d.Rule(sending("order-1"), time.Time{})
	require.True(t, ruling.Lost)
	require.Equal(t, "lost @ "+take+" #2", lost())
	ruling, _ = d.Rule(sending("order-1"), time.Time{})
	require.False(t, ruling.Lost, "it strikes once")
	require.Equal(t, []fault.Fault{{Kind: fault.Lost, Point: take + " #2"}}, d.Fired())
}

func TestTheNextFaultCanBeNarrowedDown(t *testing.T) {
	d := fault.NewDirector("client", false)
	elsewhere := []func() string{
		next(t, d, fault.Lost, "stock", ""),
		next(t, d, fault.Lost, "order", "payment"),
		next(t, d, fault.Crash, "stock", ""),
	}
	here := next(t, d, fault.Lost, "order", "stock")
	d.Rule(sending("order-1"), time.Time{})
	for _, struck := range elsewhere {
		require.Empty(t, struck())
	}
	require.Equal(t, "lost @ "+take+" #1", here())
}

func TestTheNextFaultWaitsUntilItWouldMakeADifference(t *testing.T) {
	d := fault.NewDirector("client", false)
	cut, hung := next(t, d, fault.PowerCut, "order", ""), next(t, d, fault.HangUp, "order", "")
	d.Rule(sending("order-1"), time.Time{})
	require.Empty(t, cut(), "the disk does not lag behind")
	require.Empty(t, hung(), "no caller waits for the sender")
}

func TestWhatCannotStrikeIsNotPlanned(t *testing.T) {
	d := fault.NewDirector("client", false)
	for _, row := range []struct {
		kind          fault.Kind
		service, peer string
	}{
		{"flood", "", ""}, {fault.Crash, "client", ""}, {fault.CrashOnReply, "client", ""},
		{fault.CrashBefore, "client", ""}, {fault.CrashBefore, "order", "stock"},
	} {
		_, err := d.Next(row.kind, row.service, row.peer)
		require.Error(t, err, "%+v", row)
	}
	require.Empty(t, d.Unfired())
	d.Rule(sending("order-1"), time.Time{})
	passed := fault.Fault{Kind: fault.Lost, Point: take + " #1"}
	require.ErrorContains(t, d.Plan(passed), "has been there already")
	require.NoError(t, d.Plan(fault.Fault{Kind: fault.Lost, Point: take + " #2"}))
	ruling, _ := d.Rule(sending("order-1"), time.Time{})
	require.True(t, ruling.Lost)
}

func TestALinkIsCutBothWaysUntilItIsHealed(t *testing.T) {
	d, now := fault.NewDirector("client", false), time.Now()
	require.True(t, d.Cut("stock", "order", now))
	require.False(t, d.Cut("order", "stock", now), "it is cut already")
	ruling, _ := d.Rule(sending("order-1"), now.Add(time.Hour))
	require.True(t, ruling.Lost)
	a, b, apart := d.Apart(now)
	require.Equal(t, []any{"order", "stock", true}, []any{a, b, apart})
	require.True(t, d.Heal("order", "stock", now))
	require.False(t, d.Heal("stock", "order", now), "it is not cut")
	ruling, _ = d.Rule(sending("order-1"), now)
	require.False(t, ruling.Lost)
	var said []string
	for _, e := range d.Events() {
		if e.Kind == event.State {
			said = append(said, e.Service+": "+e.Data.Text)
		}
	}
	require.Equal(t, []string{"stock: link to order cut", "order: link to stock healed"}, said)
	_, _, apart = d.Apart(now)
	require.False(t, apart)
}

func TestAPartitionThatEndsByItselfIsNobodysToHeal(t *testing.T) {
	now := time.Now()
	d := fault.NewDirector("client", false, fault.Fault{Kind: fault.Partition, Point: take + " #1"})
	d.Rule(sending("order-1"), now)
	_, _, apart := d.Apart(now)
	require.False(t, apart)
	require.True(t, d.Heal("order", "stock", now), "but it can be healed")
}
