package fault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

const take = "order → stock: POST /take order-1"

// sending is a stop at which the order service asks the stock.
func sending(key string) fault.Stop {
	return fault.Stop{Step: fault.Sending, Point: fault.Point{
		Boundary: fault.Send, Service: "order", Peer: "stock", Op: "POST /take", Key: key,
	}}
}

// committing is a stop at which the stock commits what the order service asked for.
func committing(key string) fault.Stop {
	return fault.Stop{Step: fault.Committing, Serving: "m1", Point: fault.Point{
		Boundary: fault.Commit, Service: "stock", Op: "POST /take", Key: key,
	}}
}

func TestEachUseOfAPointHasTheNextNumber(t *testing.T) {
	d := fault.NewDirector("client", false)
	for _, s := range []fault.Stop{
		sending("order-1"), sending("order-10"), sending("order-1"), committing("order-1"),
		sending("order-1"),
	} {
		d.Rule(s, time.Time{})
	}
	var names []string
	for _, p := range d.Passed() {
		names = append(names, p.String())
	}
	require.Equal(t, []string{
		take + " #1", take + "0 #1", take + " #2", "stock: commit POST /take order-1 #1",
		take + " #3",
	}, names)
}

func TestACrashDoesNotResetTheNumbers(t *testing.T) {
	d := fault.NewDirector("client", false, fault.Fault{Kind: fault.Crash, Point: take + " #1"})
	_, deed := d.Rule(sending("order-1"), time.Time{})
	require.Equal(t, fault.Deed{Crash: "order"}, deed)
	ruling, deed := d.Rule(sending("order-1"), time.Time{})
	require.Equal(t, 2, ruling.Point.N)
	require.Zero(t, deed, "a planned fault strikes once")
}

func TestAHeldStopComesBackToThePointThatItWasHeldAt(t *testing.T) {
	d := fault.NewDirector("client", false, fault.Fault{Kind: fault.Slow, Point: take + " #1"})
	s := sending("order-1")
	ruling, deed := d.Rule(s, time.Time{})
	require.Equal(t, fault.Deed{Hold: fault.Long}, deed)
	s.Point = ruling.Point
	ruling, deed = d.Rule(s, time.Time{}.Add(fault.Long))
	require.Zero(t, deed)
	require.Equal(t, take+" #1", ruling.Point.String())
	require.Len(t, d.Passed(), 1)
}

func TestAFaultWhoseMomentHasNotComeIsUnfired(t *testing.T) {
	lost := fault.Fault{Kind: fault.Lost, Point: take + " #2"}
	disk := fault.Fault{Kind: fault.NotApplied, Point: take + " #1"}
	d := fault.NewDirector("client", false, lost, disk)
	require.Equal(t, []fault.Fault{lost, disk}, d.Unfired())
	ruling, _ := d.Rule(sending("order-1"), time.Time{})
	require.False(t, ruling.Lost, "it is planned for the second request")
	ruling, _ = d.Rule(sending("order-1"), time.Time{})
	require.True(t, ruling.Lost)
	require.Equal(t, []fault.Fault{disk}, d.Unfired(), "no disk is full where a request is sent")
}

func TestThePartsOfAPartitionMeetAgainAfterLong(t *testing.T) {
	began := time.Now()
	d := fault.NewDirector("client", false, fault.Fault{Kind: fault.Partition, Point: take + " #1"})
	for _, row := range []struct {
		after time.Duration
		lost  bool
	}{{0, true}, {fault.Long - 1, true}, {fault.Long, false}} {
		ruling, _ := d.Rule(sending("order-1"), began.Add(row.after))
		require.Equal(t, row.lost, ruling.Lost, "%v after the link was cut", row.after)
	}
}

func TestWhatCannotBefallTheClientIsNotOffered(t *testing.T) {
	d := fault.NewDirector("client", false)
	s := sending("order-1")
	s.Point.Service = "client"
	d.Rule(s, time.Time{})
	var kinds []fault.Kind
	for _, o := range d.Offers() {
		kinds = append(kinds, o.Kind)
	}
	require.Equal(t, []fault.Kind{
		fault.Lost, fault.Twice, fault.TwiceAtOnce, fault.Late, fault.AtRest, fault.Partition,
	}, kinds)
}

func TestAPowerCutIsOfferedWhereTheDiskLagsBehind(t *testing.T) {
	offered := func(forced bool) bool {
		d := fault.NewDirector("client", false)
		s := committing("order-1")
		ruling, _ := d.Rule(s, time.Time{})
		s.Step, s.Point, s.Forced = fault.Committed, ruling.Point, forced
		d.Rule(s, time.Time{})
		s = sending("order-1")
		s.Point.Service = "stock"
		d.Rule(s, time.Time{})
		last := d.Offers()[len(d.Offers())-1]
		return last.Kind == fault.PowerCut
	}
	require.True(t, offered(false))
	require.False(t, offered(true), "after a forced commit it is the same as a crash")
}

func TestAMessageThatArrivesIsLaterThanItsSendingOnEveryClock(t *testing.T) {
	d := fault.NewDirector("client", false)
	for range 3 {
		d.Record(event.Event{Service: "order", Kind: event.State})
	}
	ruling, _ := d.Rule(sending("order-1"), time.Time{})
	received := fault.Stop{
		Step: fault.Receiving, Message: ruling.Messages[0],
		Point: fault.Point{
			Boundary: fault.Receive, Service: "stock", Op: "POST /take", Key: "order-1",
		},
	}
	d.Rule(received, time.Time{})
	events := d.Events()
	require.Equal(t, []int{4, 5}, []int{events[3].Lamport, events[4].Lamport})
	require.Equal(t, event.Receive, events[4].Kind)
}

func TestWhereTheDiskIsFullNothingIsOfferedAfterACommit(t *testing.T) {
	now := time.Time{}.Add(time.Hour)
	plan := fault.Fault{Kind: fault.DiskFull, Point: "stock: commit POST /take order-1 #1"}
	d := fault.NewDirector("client", false, plan)
	kinds := func() (list []fault.Kind) {
		point := d.Passed()[len(d.Passed())-1].String()
		for _, o := range d.Offers() {
			if o.Point == point {
				list = append(list, o.Kind)
			}
		}
		return list
	}
	d.Rule(committing("order-1"), now)
	require.Contains(t, kinds(), fault.CrashAfter, "the first fault is still to be chosen")
	d.Rule(committing("order-1"), now.Add(time.Second))
	require.NotContains(t, kinds(), fault.CrashAfter)
	require.NotContains(t, kinds(), fault.PowerCut)
	require.Contains(t, kinds(), fault.CrashBefore)
	d.Rule(committing("order-1"), now.Add(time.Hour))
	require.Contains(t, kinds(), fault.CrashAfter, "there is space again")
}
