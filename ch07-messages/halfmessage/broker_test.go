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

// absent is a producer that does not answer.
type absent struct{}

func (absent) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }

func TestMessagesOfAnAbsentProducerHoldUpNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		published := make(chan string, 1)
		publish := func(_ context.Context, _, id, _ string) error {
			published <- id
			return nil
		}
		client := &http.Client{Transport: absent{}}
		b := halfmessage.New(open(t, "broker.db", halfmessage.Schema), client, publish)
		for i := range 120 { // more than one pass takes
			post(t, b, "half", fmt.Sprintf("m-%d", i), message)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		time.Sleep(10 * time.Second)
		require.Empty(t, published, "published though no producer has committed")

		post(t, b, "commit", "m-119", struct{}{})
		synctest.Wait()
		require.Equal(t, "m-119", <-published)
		cancel()
		require.NoError(t, <-ended)
	})
}

// post sends a producer's message to a broker, which acknowledges it.
func post(t *testing.T, b *halfmessage.Broker, path, id string, body any) {
	t.Helper()
	client := &http.Client{Transport: direct{b}}
	a, err := httpapi.Post[halfmessage.Answer](t.Context(), client, "http://broker/"+path, id, body)
	require.NoError(t, err)
	require.Equal(t, id, a.ID)
}
