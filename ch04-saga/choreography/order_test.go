package choreography_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/choreography"
	"example.com/dtx/internal/httpapi"
)

// takes runs the service that takes the orders, before peers that acknowledge each event
// and do nothing. The function that it returns ends the service.
func takes(t *testing.T) (service *choreography.Order, end func()) {
	t.Helper()
	peers := at(func(w http.ResponseWriter, r *http.Request) { _ = acknowledge(w, r) })
	db := database(t, choreography.OrderSchema)
	service = choreography.NewOrder(db, &http.Client{Transport: peers})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	end = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(end)
	return service, end
}

// place has a customer ask for tea, and returns the status of the answer.
func place(service http.Handler, key string) int {
	const tea = `{"customer":"ada","item":"tea","quantity":1,"slot":"mon-am"}`
	return tell(service, "orders", key, tea)
}

func TestWhoWaitsWhenTheServiceEndsIsToldThatTheOrderIsPending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service, end := takes(t)
		told := make(chan int, 1)
		began := time.Now()
		go func() { told <- place(service, "order-1") }()
		synctest.Wait()
		end()
		require.Equal(t, http.StatusAccepted, <-told)
		require.Zero(t, time.Since(began), "no event comes any more, so no request waits for one")
	})
}

// TestWhoHasWaitedKeepsNoPlace has more customers come, one after the other, than there
// are places for those who wait.
func TestWhoHasWaitedKeepsNoPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service, _ := takes(t)
		for i := range 257 {
			require.Equal(t, http.StatusAccepted, place(service, fmt.Sprint("order-", i)))
		}
	})
}

// TestWithoutAPlaceANewOrderIsTurnedAwayAndAKnownOneIsPending fills all places.
func TestWithoutAPlaceANewOrderIsTurnedAwayAndAKnownOneIsPending(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service, end := takes(t)
		require.Equal(t, http.StatusAccepted, place(service, "order-1"))
		for i := range 256 {
			go place(service, fmt.Sprint("other-", i))
		}
		synctest.Wait()
		began := time.Now()
		require.Equal(t, http.StatusServiceUnavailable, place(service, "order-2"))
		require.Equal(t, http.StatusAccepted, place(service, "order-1"))
		require.Zero(t, time.Since(began), "no request waits for a place")
		require.Contains(t, get(service, "/orders/order-2"), "not-found", "it is not recorded")
		end()
	})
}

func TestACustomerHearsOfTheDecisionAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service, _ := takes(t)
		told, began := make(chan int, 2), time.Now()
		for range 2 {
			go func() { told <- place(service, "order-1") }()
			synctest.Wait()
		}
		require.Equal(t, 200, tell(service, "booked", "order-1", content("ada", 1, 500, "")))
		require.Equal(t, http.StatusCreated, <-told)
		require.Equal(t, http.StatusCreated, <-told)
		require.Zero(t, time.Since(began))
		refused := content("ada", 1, 500, string(httpapi.OutOfStock))
		require.Equal(t, 200, tell(service, "not-taken", "order-1", refused))
		require.Equal(t, 201, place(service, "order-1"), "the first word is the last")
	})
}

func TestAnOrderIsLookedUpByItsID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service, end := takes(t)
		look := func(id string) int {
			w := httptest.NewRecorder()
			service.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/orders/"+id, nil))
			return w.Code
		}
		go place(service, "order-1")
		synctest.Wait()
		require.Equal(t, 200, look("order-1"))
		require.Equal(t, 404, look("order-10"))
		end()
	})
}
