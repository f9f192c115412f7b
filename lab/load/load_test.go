package load_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/labtest"
	"example.com/dtx/lab/load"
	"example.com/dtx/lab/source"
	"example.com/dtx/lab/toy"
)

// loadOf is orders of a customer who can pay for them.
func loadOf(v lab.Variant, clients, orders int) load.Load {
	return load.Load{
		Variant: v, Clients: clients, Orders: orders,
		Seed:  map[string]string{"till": "INSERT INTO accounts VALUES ('zoe', 1000000000)"},
		Order: by("zoe"),
	}
}

// by returns orders, of which a customer places some and zoe the others.
func by(customer string, some ...int) func(i int) lab.Order {
	return func(i int) lab.Order {
		o := lab.Order{Key: fmt.Sprintf("order-%d", i), Customer: "zoe"}
		if slices.Contains(some, i) {
			o.Customer = customer
		}
		return o
	}
}

// ownDisk gives a test a directory of its own for what is to be on a disk.
func ownDisk(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv(lab.DiskVariable, dir)
	return dir
}

func TestOneClientForcesWhatTheProtocolSays(t *testing.T) {
	dir := ownDisk(t)
	r, err := loadOf(toy.Variant(toy.None), 1, 25).Drive(labtest.Within(t))
	require.NoError(t, err)
	require.Empty(t, r.Other, "answers other than 201")
	require.Equal(t, 25, r.Orders)
	require.Equal(t, map[string]int64{"shop": 25, "till": 25}, r.ForcedBy,
		"the shop forces an order's beginning, the till its charge, and warming up does not count")
	require.Equal(t, int64(50), r.Forced())
	labtest.Empty(t, dir, "a load")
}

func TestManyClientsShareForcedWrites(t *testing.T) {
	ownDisk(t)
	r, err := loadOf(slow(), 16, 160).Drive(labtest.Within(t))
	require.NoError(t, err)
	require.Empty(t, r.Other, "answers other than 201")
	require.NotZero(t, r.Forced())
	require.Less(t, r.Forced(), int64(160), "each order forces a write of its own, as with a Gate")
}

func TestALoadIsOverWhenTheBackgroundWorkIs(t *testing.T) {
	ownDisk(t)
	r, err := loadOf(late(), 1, batch).Drive(labtest.Within(t))
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"shop": batch + 1}, r.ForcedBy,
		"one for each order, and one for what is done after the answers")
}

func TestAnswersThatAreNoYesAreCounted(t *testing.T) {
	ownDisk(t)
	l := loadOf(toy.Variant(toy.None), 1, 10)
	l.Order = by("eve", 2, 3, 5)
	r, err := l.Drive(labtest.Within(t))
	require.NoError(t, err)
	require.Equal(t, map[int]int{http.StatusConflict: 3}, r.Other)
}

func TestAServiceThatDiesUnderALoadIsAnError(t *testing.T) {
	dir := ownDisk(t)
	l := loadOf(mortal(), 4, 40)
	l.Order = by("poison", 20)
	_, err := l.Drive(labtest.Within(t))
	require.EqualError(t, err, "shop has died: exit status 3")
	labtest.Empty(t, dir, "a service died")
}

func TestASeedThatFailsIsAnError(t *testing.T) {
	dir := ownDisk(t)
	l := loadOf(toy.Variant(toy.None), 1, 1)
	l.Seed = map[string]string{"till": "nonsense"}
	_, err := l.Drive(labtest.Within(t))
	require.EqualError(t, err, "start till: the process ended before it was ready: exit status 1")
	labtest.Empty(t, dir, "a service did not start")
}

func TestALoadThatIsGivenUpLeavesNothingBehind(t *testing.T) {
	dir := ownDisk(t)
	ctx, cancel := context.WithCancel(labtest.Within(t))
	l := loadOf(toy.Variant(toy.None), 4, 1000)
	l.Order = func(i int) lab.Order {
		if i == 20 {
			cancel()
		}
		return by("zoe")(i)
	}
	_, err := l.Drive(ctx)
	require.ErrorIs(t, err, context.Canceled)
	labtest.Empty(t, dir, "a load was given up")
}

func TestALoadEndsWithItsParent(t *testing.T) {
	for name, end := range map[string]func(*os.Process) error{
		"killed":          (*os.Process).Kill,
		"ended by Ctrl-C": func(p *os.Process) error { return p.Signal(os.Interrupt) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(labtest.ParentVariable, "of a load")
			dir := ownDisk(t)
			parent, open := labtest.StartParent(t)
			require.NoError(t, end(parent.Process))
			require.Error(t, parent.Wait())
			labtest.Gone(t, open)
			labtest.Empty(t, dir, "the parent was "+name)
		})
	}
}

func TestAnotherChaptersProgramIsDrivenWithoutImportingIt(t *testing.T) {
	dir := ownDisk(t)
	program, remove, err := source.Build(t.Context(), "ch01-overview")
	require.NoError(t, err)
	r, err := load.Load{
		Program: program, Clients: 1, Orders: 20,
		Variant: lab.Variant{Name: "monolith", Services: []lab.Service{{Name: "shop"}}},
		Seed: map[string]string{"shop": "UPDATE items SET units = 1000; " +
			"UPDATE customers SET cents = 1000000; " +
			"UPDATE slots SET places = 1000"},
		Order: func(i int) lab.Order {
			key := fmt.Sprintf("order-%d", i)
			return lab.Order{Key: key, Customer: "ada", Item: "tea", Quantity: 1, Slot: "mon-am"}
		},
	}.Drive(labtest.Within(t))
	require.NoError(t, err)
	require.Empty(t, r.Other, "answers other than 201")
	require.Equal(t, map[string]int64{"shop": 20}, r.ForcedBy)
	require.NoError(t, remove())
	labtest.Empty(t, dir, "the program was removed")
}

func TestWhatCannotBeBuiltIsAnError(t *testing.T) {
	dir := ownDisk(t)
	_, _, err := source.Build(t.Context(), "ch99")
	require.ErrorContains(t, err, "ch99 does not build")
	labtest.Empty(t, dir, "nothing was built")
}

func TestTheDiskIsMeasuredWhereTheDatabasesLie(t *testing.T) {
	dir := ownDisk(t)
	perSecond, err := load.Fsyncs(t.Context(), 3)
	require.NoError(t, err)
	require.Positive(t, perSecond)
	labtest.Empty(t, dir, "measuring")
	require.NoError(t, os.Remove(dir))
	_, err = load.Fsyncs(t.Context(), 3)
	require.ErrorIs(t, err, os.ErrNotExist, "it measures elsewhere")
	require.NoError(t, os.Mkdir(dir, 0o700))
}
