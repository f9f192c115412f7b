package broker_test

import (
	"context"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats-server/v2/server/ats"
	"github.com/stretchr/testify/require"

	"example.com/dtx/ch07-messages/broker"
)

func TestMain(m *testing.M) {
	ats.Register()
	os.Exit(m.Run())
}

func TestTrial(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		began := time.Now()
		synctest.Test(t, func(t *testing.T) {
			for life := range 2 {
				ctx, cancel := context.WithCancel(t.Context())
				b, err := broker.Open(ctx, dir, broker.Consumer{"stock", []string{"placed"}})
				require.NoError(t, err)
				done := make(chan error)
				go func() { done <- b.Run(ctx) }()
				from := time.Now()
				dup, err := b.Publish(ctx, "placed", "a", []byte("hello"))
				require.NoError(t, err)
				require.Equal(t, life == 1, dup)
				wait, stop := context.WithTimeout(ctx, 8*time.Second)
				list, err := b.Fetch(wait, "stock", 5)
				stop()
				require.NoError(t, err)
				if life == 0 {
					require.Len(t, list, 1)
					require.NoError(t, b.Ack(ctx, list[0].Token))
				}
				t.Log(list, time.Since(from))
				cancel()
				require.NoError(t, <-done)
			}
		})
		t.Log(time.Since(began))
	}
}
