package halfmessage_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch07-messages/halfmessage"
	"example.com/dtx/internal/httpapi"
)

// present is a network with one producer, which has committed whatever it is asked about.
type present struct{}

func (present) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "present" {
		return nil, errors.New("no route")
	}
	return direct{httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		id, err := httpapi.Key(r)
		if err != nil {
			return err
		}
		a := halfmessage.Answer{ID: id, State: halfmessage.Committed}
		return httpapi.WriteJSON(w, http.StatusOK, a)
	})}.RoundTrip(r)
}

func TestMessagesOfAnAbsentProducerHoldUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, published := start(t)
		for i := range 120 { // more than one pass takes
			post(t, b, "half", fmt.Sprintf("m-%d", i), message)
		}
		time.Sleep(time.Second)
		heard := message
		heard.Producer = "present"
		post(t, b, "half", "heard", heard)
		time.Sleep(10 * time.Second)
		require.Equal(t, "heard", take(published), "committed, as its producer said when asked")
		require.Empty(t, published, "published though no producer has committed")

		post(t, b, "commit", "m-119", struct{}{})
		synctest.Wait()
		require.Equal(t, "m-119", take(published), "committed now")
	})
}

// take returns what was published, and nothing if nothing was yet.
func take(published <-chan string) string {
	select {
	case id := <-published:
		return id
	default:
		return ""
	}
}

// start starts a broker, and returns what it publishes.
func start(t *testing.T) (*halfmessage.Broker, <-chan string) {
	t.Helper()
	published := make(chan string, 10)
	publish := func(_ context.Context, _, id, _ string) error {
		published <- id
		return nil
	}
	client := &http.Client{Transport: present{}}
	b := halfmessage.New(open(t, "broker.db", halfmessage.Schema), client, publish)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return b, published
}

// post sends a producer's message to a broker, which acknowledges it.
func post(t *testing.T, b *halfmessage.Broker, path, id string, body any) {
	t.Helper()
	client := &http.Client{Transport: direct{b}}
	a, err := httpapi.Post[halfmessage.Answer](t.Context(), client, "http://broker/"+path, id, body)
	require.NoError(t, err)
	require.Equal(t, id, a.ID)
}
