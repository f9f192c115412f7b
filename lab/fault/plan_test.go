package fault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/fault"
)

func TestAFaultIsReadAsItIsWritten(t *testing.T) {
	const point = "order → stock: POST /take order-1 #1"
	for _, k := range fault.Kinds() {
		f := fault.Fault{Kind: k, Point: point}
		read, err := fault.Parse(f.String())
		require.NoError(t, err)
		require.Equal(t, f, read)
	}
}

func TestWhatIsTypedIsReadAsAFaultOrRefusedWithAReason(t *testing.T) {
	rows := []struct {
		typed string
		want  fault.Fault
		error string
	}{
		{
			typed: "lost @ order -> stock: POST /take order-1 #1",
			want:  fault.Fault{Kind: fault.Lost, Point: "order → stock: POST /take order-1 #1"},
		},
		{
			typed: "  crash before  @  stock: commit POST /take order-1 #2 ",
			want: fault.Fault{
				Kind: fault.CrashBefore, Point: "stock: commit POST /take order-1 #2",
			},
		},
		{typed: "", error: "want KIND @ POINT"},
		{typed: "lost", error: "want KIND @ POINT"},
		{typed: "order → stock: POST /take order-1 #1", error: "want KIND @ POINT"},
		{typed: "lost@order → stock: POST /take order-1 #1", error: "want KIND @ POINT"},
		{
			typed: "Lost @ stock: POST /take order-1 #1",
			error: `there is no kind "Lost"; the kinds are: crash, crash after,`,
		},
		{typed: " @ stock: POST /take order-1 #1", error: `there is no kind ""`},
	}
	for _, row := range rows {
		t.Run(row.typed, func(t *testing.T) {
			f, err := fault.Parse(row.typed)
			if row.error != "" {
				require.ErrorContains(t, err, row.error)
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, row.want, f)
		})
	}
}

func TestAPointHasTheNameThatIsDocumented(t *testing.T) {
	rows := map[string]fault.Point{
		"stock: commit POST /hold order-1 #1": {
			Boundary: fault.Commit, Service: "stock", Op: "POST /hold", Key: "order-1", N: 1,
		},
		"order → payment: POST /charge order-1 #2": {
			Boundary: fault.Send, Service: "order", Peer: "payment",
			Op: "POST /charge", Key: "order-1", N: 2,
		},
		"payment: POST /charge order-1 #1": {
			Boundary: fault.Receive, Service: "payment", Op: "POST /charge", Key: "order-1", N: 1,
		},
		"order: commit background #3": {
			Boundary: fault.Commit, Service: "order", Op: "background", N: 3,
		},
	}
	for name, p := range rows {
		require.Equal(t, name, p.String())
	}
}

func TestThePointsNameSaysWhichFaultsMayStrikeThere(t *testing.T) {
	d := fault.NewDirector("client", false)
	for _, p := range []fault.Point{
		{Boundary: fault.Commit, Service: "stock", Op: "POST /take", Key: "order-1"},
		{Boundary: fault.Send, Service: "order", Peer: "stock", Op: "POST /take", Key: "order-1"},
		{Boundary: fault.Receive, Service: "stock", Op: "POST /take", Key: "order-1"},
	} {
		step := map[fault.Boundary]fault.Step{
			fault.Commit:  fault.Committing,
			fault.Send:    fault.Sending,
			fault.Receive: fault.Receiving,
		}[p.Boundary]
		d.Rule(fault.Stop{Step: step, Point: p}, time.Time{})
	}
	require.NotEmpty(t, d.Offers())
	for _, o := range d.Offers() {
		require.Contains(t, fault.At(o.Point), o.Kind, "at %s", o.Point)
	}
}

func TestAKindStandsInAShellsQuotesAsItIs(t *testing.T) {
	for _, k := range fault.Kinds() {
		require.NotContains(t, string(k), "'", "a command that is copied from a report breaks")
		require.NotEmpty(t, k.Meaning(), k)
	}
}
