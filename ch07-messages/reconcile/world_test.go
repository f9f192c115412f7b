package reconcile_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch07-messages/callback/callbacktest"
	"example.com/dtx/ch07-messages/provider"
	"example.com/dtx/ch07-messages/reconcile"
	"example.com/dtx/internal/httpapi"
)

// world is a shop that hears no notification, and asks about nothing.
type world struct {
	*callbacktest.World
	t      *testing.T
	silent bool // the provider gives no statement
}

// inWorld runs a test in a world with a clock of its own.
func inWorld(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t}
		w.World = callbacktest.New(t, func(m string) callbacktest.Fate {
			isStatement := strings.Contains(m, "statements")
			if strings.Contains(m, "notifications") || isStatement && w.silent {
				return callbacktest.Lost
			}
			return callbacktest.Delivered
		})
		test(t, w)
	})
}

// pay has a customer pay 1000 cents for an order.
func (w *world) pay(id, order string) {
	w.t.Helper()
	require.NoError(w.t, w.Shop.Begin(w.t.Context(), id, order, 1000))
	require.NoError(w.t, w.Provider.Move(w.t.Context(), id, provider.Paid))
}

// payThere has a customer pay of which the shop has no record.
func (w *world) payThere(id, order string, cents int64) {
	w.t.Helper()
	wanted := provider.Wanted{Order: order, Cents: cents, Shop: "shop"}
	const url = "http://provider/payments"
	_, err := httpapi.Post[provider.Payment](w.t.Context(), w.Client, url, id, wanted)
	require.NoError(w.t, err)
	require.NoError(w.t, w.Provider.Move(w.t.Context(), id, provider.Paid))
}

// hear has the shop apply a notification.
func (w *world) hear(p provider.Payment) {
	w.t.Helper()
	require.NoError(w.t, w.Shop.Apply(w.t.Context(), p))
}

// nightly reconciles today.
func (w *world) nightly(t *testing.T) reconcile.Report {
	t.Helper()
	r, err := reconcile.Nightly(t.Context(), time.Now(), w.Shop, w.Client)
	require.NoError(t, err)
	return r
}

// onlyDifference reconciles today, and returns the only difference.
func (w *world) onlyDifference(t *testing.T) reconcile.Difference {
	t.Helper()
	r := w.nightly(t)
	require.Len(t, r.Differences, 1, "differences of %s", r.Day)
	return r.Differences[0]
}

// requireReported requires that today has one difference of this kind, that it is not
// mended, and that it is found again.
func requireReported(t *testing.T, w *world, kind reconcile.Kind) reconcile.Difference {
	t.Helper()
	d := w.onlyDifference(t)
	require.Equal(t, kind, d.Kind)
	require.False(t, d.Mended, "mended")
	require.NotEmpty(t, d.ToDo, "what a person has to do")
	require.Equal(t, d, w.onlyDifference(t), "reconciled again")
	return d
}
