package callback_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch07-messages/callback/callbacktest"
	"example.com/dtx/ch07-messages/provider"
	"example.com/dtx/internal/httpapi"
)

type (
	world = callbacktest.World
	fate  = callbacktest.Fate
)

func TestTheProviderGivesUpAfterSixAttempts(t *testing.T) {
	t.Parallel()
	inWorld(t, lose("shop/notifications"), func(t *testing.T, w *world) {
		require.NoError(t, w.Shop.Begin(t.Context(), "p-1", "order-1", 1000))
		time.Sleep(30 * 24 * time.Hour)
		require.Equal(t, []string{
			"0s POST provider/payments",
			"0s POST shop/notifications processing", "15s POST shop/notifications processing",
			"1m15s POST shop/notifications processing", "6m15s POST shop/notifications processing",
			"36m15s POST shop/notifications processing",
			"2h36m15s POST shop/notifications processing",
		}, w.Sent(), "messages in 30 days")
	})
}

func TestALateNotificationIsApplied(t *testing.T) {
	t.Parallel()
	inWorld(t, first(2, "paid", callbacktest.Lost), func(t *testing.T, w *world) {
		pay(t, w, "p-1")
		time.Sleep(time.Minute)
		requireState(t, w, provider.Processing)
		time.Sleep(time.Minute)
		requireState(t, w, provider.Paid)
	})
}

func TestANotificationThatComesTwiceReleasesTheOrderOnce(t *testing.T) {
	t.Parallel()
	inWorld(t, first(1, "paid", callbacktest.ReplyLost), func(t *testing.T, w *world) {
		pay(t, w, "p-1")
		time.Sleep(time.Hour)
		require.Equal(t, []string{
			"0s POST provider/payments", "0s POST shop/notifications processing",
			"0s POST shop/notifications paid", "15s POST shop/notifications paid",
		}, w.Sent())
		requireState(t, w, provider.Paid)
		require.Equal(t, map[string]string{"order-1": "p-1"}, w.Ask().Released)
	})
}

func TestTwoPaymentsForOneOrderReleaseItOnce(t *testing.T) {
	t.Parallel()
	inWorld(t, lose("none"), func(t *testing.T, w *world) {
		for _, id := range []string{"p-1", "p-2"} {
			pay(t, w, id)
			time.Sleep(time.Hour)
		}
		for _, p := range w.Ask().Payments {
			require.Equal(t, provider.Paid, p.State, "%s in the shop's books", p.ID)
		}
		require.Equal(t, map[string]string{"order-1": "p-1"}, w.Ask().Released)
	})
}

func TestANotificationOutOfOrderTakesNothingBack(t *testing.T) {
	t.Parallel()
	inWorld(t, first(1, "processing", callbacktest.Lost), func(t *testing.T, w *world) {
		pay(t, w, "p-1")
		time.Sleep(time.Hour)
		require.Equal(t, []string{
			"0s POST provider/payments", "0s POST shop/notifications processing",
			"0s POST shop/notifications paid", "15s POST shop/notifications processing",
		}, w.Sent())
		requireState(t, w, provider.Paid)
	})
}

func TestWithoutANotificationTheShopAsks(t *testing.T) {
	t.Parallel()
	inWorld(t, lose("shop/notifications"), func(t *testing.T, w *world) {
		w.Go(w.Shop.Run)
		require.NoError(t, w.Shop.Begin(t.Context(), "p-1", "order-1", 1000))
		time.Sleep(5 * time.Minute)
		require.NoError(t, w.Provider.Move(t.Context(), "p-1", provider.Paid))
		time.Sleep(5 * time.Minute)
		requireState(t, w, provider.Paid)
		time.Sleep(30 * 24 * time.Hour)
		var asked []string
		for _, m := range w.Sent() {
			if strings.Contains(m, "GET") {
				asked = append(asked, m)
			}
		}
		const get = " GET provider/payments/p-1"
		require.Equal(t, []string{"1m0s" + get, "2m0s" + get, "4m0s" + get, "8m0s" + get}, asked)
	})
}

func TestARequestThatTheProviderNeverGotIsSentAgain(t *testing.T) {
	t.Parallel()
	inWorld(t, first(1, "POST provider", callbacktest.Lost), func(t *testing.T, w *world) {
		w.Go(w.Shop.Run)
		require.Error(t, w.Shop.Begin(t.Context(), "p-1", "order-1", 1000))
		require.ErrorIs(t, w.Provider.Move(t.Context(), "p-1", provider.Paid), httpapi.NotFound)
		time.Sleep(90 * time.Second)
		require.NoError(t, w.Provider.Move(t.Context(), "p-1", provider.Paid))
		time.Sleep(time.Minute)
		requireState(t, w, provider.Paid)
	})
}

func TestWhatTheShopDoesNotKnowIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	inWorld(t, lose("none"), func(t *testing.T, w *world) {
		require.NoError(t, w.Shop.Begin(t.Context(), "p-1", "order-1", 1000))
		p := provider.Payment{ID: "p-1", Order: "order-1", Cents: 900, State: provider.Paid}
		require.ErrorIs(t, w.Shop.Apply(t.Context(), p), httpapi.Unprocessable)
		p.ID, p.Cents = "p-10", 1000
		require.ErrorIs(t, w.Shop.Apply(t.Context(), p), httpapi.NotFound)
		requireState(t, w, provider.Processing)
	})
}

func TestNoSingleFaultAtAMessageLosesAPayment(t *testing.T) {
	t.Parallel()
	for n := range payUnder(t, lose("none")) {
		t.Run(fmt.Sprintf("message %d is lost", n+1), func(t *testing.T) {
			payUnder(t, nth(n, callbacktest.Lost))
		})
		t.Run(fmt.Sprintf("the reply to message %d is lost", n+1), func(t *testing.T) {
			payUnder(t, nth(n, callbacktest.ReplyLost))
		})
	}
}

// payUnder has a customer pay, requires that the shop knows of it a day later, and returns
// the number of messages.
func payUnder(t *testing.T, fates func(m string) fate) (sent int) {
	t.Helper()
	inWorld(t, fates, func(t *testing.T, w *world) {
		w.Go(w.Shop.Run)
		_ = w.Shop.Begin(t.Context(), "p-1", "order-1", 1000) // Run finds out what it did
		time.Sleep(2 * time.Minute)
		require.NoError(t, w.Provider.Move(t.Context(), "p-1", provider.Paid))
		time.Sleep(24 * time.Hour)
		requireState(t, w, provider.Paid)
		require.Equal(t, map[string]string{"order-1": "p-1"}, w.Ask().Released)
		sent = len(w.Sent())
	})
	return sent
}

// nth gives a fate to one message, counted from 0.
func nth(n int, does fate) func(string) fate {
	return func(string) fate {
		if n--; n == -1 {
			return does
		}
		return callbacktest.Delivered
	}
}

// inWorld runs a test in a world with a clock of its own.
func inWorld(
	t *testing.T, fates func(m string) fate, test func(*testing.T, *world),
) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, callbacktest.New(t, fates)) })
}

// lose loses each message whose name contains a text.
func lose(text string) func(m string) fate {
	return first(1000, text, callbacktest.Lost)
}

// first gives a fate to the first n messages whose name contains a text.
func first(n int, text string, does fate) func(m string) fate {
	return func(m string) fate {
		if !strings.Contains(m, text) || n == 0 {
			return callbacktest.Delivered
		}
		n--
		return does
	}
}

// pay has a customer pay for order-1, when the provider has sent its first notification.
func pay(t *testing.T, w *world, id string) {
	t.Helper()
	require.NoError(t, w.Shop.Begin(t.Context(), id, "order-1", 1000))
	synctest.Wait()
	require.NoError(t, w.Provider.Move(t.Context(), id, provider.Paid))
}

// requireState requires that the shop has one payment, in this state.
func requireState(t *testing.T, w *world, want provider.State) {
	t.Helper()
	list := w.Ask().Payments
	require.Len(t, list, 1, "payments in the shop's books")
	require.Equal(t, want, list[0].State, "in the shop's books")
}
