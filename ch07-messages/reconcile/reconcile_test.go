package reconcile_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch07-messages/callback"
	"example.com/dtx/ch07-messages/provider"
	"example.com/dtx/ch07-messages/reconcile"
	"example.com/dtx/internal/httpapi"
)

func TestALostOrderIsMended(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.pay("p-1", "order-1")
		require.Equal(t, reconcile.Difference{
			Kind: reconcile.Open, ID: "p-1", Order: "order-1", There: 1000, Here: 1000,
			Mended: true,
		}, w.onlyDifference(t))
		require.Equal(t, map[string]string{"order-1": "p-1"}, w.Ask().Released)
		require.Empty(t, w.nightly(t).Differences, "reconciled again")
	})
}

func TestWhatTheShopDoesNotKnowIsForAPerson(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.payThere("p-1", "order-1", 1000)
		requireReported(t, w, reconcile.Unknown)
		require.Empty(t, w.Ask().Released)
	})
}

func TestPaidThereAndFailedHereIsForAPerson(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.pay("p-1", "order-1")
		w.hear(provider.Payment{ID: "p-1", Order: "order-1", Cents: 1000, State: provider.Failed})
		requireReported(t, w, reconcile.Failed)
		require.Empty(t, w.Ask().Released)
	})
}

func TestPaidHereAndNotThereIsForAPerson(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		require.NoError(t, w.Shop.Begin(t.Context(), "p-1", "order-1", 1000))
		w.hear(provider.Payment{
			ID: "p-1", Order: "order-1", Cents: 1000, State: provider.Paid, At: time.Now().Unix(),
		})
		requireReported(t, w, reconcile.NotPaid)
	})
}

func TestAnotherAmountIsForAPerson(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.payThere("p-1", "order-1", 900)
		err := w.Shop.Begin(t.Context(), "p-1", "order-1", 1000)
		require.ErrorIs(t, err, httpapi.KeyReused)
		requireReported(t, w, reconcile.Amount)
		require.Empty(t, w.Ask().Released)
	})
}

func TestASecondPaymentForOneOrderIsPaidBack(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.pay("p-2", "order-1")
		require.Equal(t, reconcile.Open, w.onlyDifference(t).Kind)
		time.Sleep(24 * time.Hour)
		w.pay("p-1", "order-1") // on another day, and first by its name
		d := requireReported(t, w, reconcile.Twice)
		require.Equal(t, "p-1", d.ID)
		require.Equal(t, map[string]string{"order-1": "p-2"}, w.Ask().Released)
	})
}

func TestOfTwoLostPaymentsForOneOrderOneIsMended(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.pay("p-1", "order-1")
		w.pay("p-2", "order-1")
		r := w.nightly(t)
		require.Len(t, r.Differences, 2)
		require.Equal(t, reconcile.Open, r.Differences[0].Kind)
		require.Equal(t, reconcile.Twice, r.Differences[1].Kind)
		require.Equal(t, "p-2", requireReported(t, w, reconcile.Twice).ID, "reconciled again")
	})
}

func TestOneLineTwiceInTheStatementIsPaidTwice(t *testing.T) {
	t.Parallel()
	p := provider.Payment{ID: "p-1", Order: "order-1", Cents: 1000, State: provider.Paid}
	r := reconcile.Compare(
		provider.Statement{Day: "1970-01-01", Payments: []provider.Payment{p, p}},
		callback.Books{
			Payments: []provider.Payment{p}, Released: map[string]string{"order-1": "p-1"},
		})
	require.Equal(t, 1, r.Agreed, "payments that agree")
	require.Len(t, r.Differences, 1)
	require.Equal(t, reconcile.Twice, r.Differences[0].Kind)
}

func TestMidnightIsNoDifference(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		time.Sleep(24*time.Hour - time.Second)
		yesterday := time.Now()
		w.pay("p-1", "order-1")
		time.Sleep(time.Minute) // the shop hears of it on the next day
		w.hear(provider.Payment{
			ID: "p-1", Order: "order-1", Cents: 1000, State: provider.Paid, At: yesterday.Unix(),
		})
		for _, day := range []time.Time{yesterday, time.Now()} {
			r, err := reconcile.Nightly(t.Context(), day, w.Shop, w.Client)
			require.NoError(t, err)
			require.Empty(t, r.Differences, "differences of %s", r.Day)
		}
	})
}

func TestAPersonCanReadTheReport(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.pay("p-1", "order-1")
		w.pay("p-2", "order-2")
		w.nightly(t)
		w.pay("p-3", "order-2")
		w.pay("p-4", "order-4")
		w.payThere("p-5", "order-5", 250)
		report := w.nightly(t).String()
		require.Equal(t, strings.TrimLeft(`
Reconciliation of 2000-01-01: 5 payments there, 2 here, 2 agree.
DIFFERENCE                PAYMENT  ORDER    THERE  HERE   TO DO
paid twice                p-3      order-2  10.00  10.00  pay it back
paid there, open here     p-4      order-4  10.00  10.00  nothing: mended
paid there, unknown here  p-5      order-5  2.50   -      find the order, or pay it back
1 mended, 2 for a person.
`, "\n"), report)
		lesson, err := os.ReadFile("../README.md")
		require.NoError(t, err)
		require.Contains(t, string(lesson), "```text\n"+report+"```", "the lesson's report")
	})
}

func TestWithoutAStatementNothingIsReconciled(t *testing.T) {
	t.Parallel()
	inWorld(t, func(t *testing.T, w *world) {
		w.pay("p-1", "order-1")
		w.silent = true
		_, err := reconcile.Nightly(t.Context(), time.Now(), w.Shop, w.Client)
		require.ErrorContains(t, err, "get the statement")
		require.Empty(t, w.Ask().Released)
	})
}
