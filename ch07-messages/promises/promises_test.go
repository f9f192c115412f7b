package promises_test

import (
	"context"
	"os"
	"testing"
	"testing/synctest"

	"github.com/nats-io/nats-server/v2/server/ats"
	"github.com/stretchr/testify/require"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/promises"
)

func TestMain(m *testing.M) {
	ats.Register() // the server's clock would belong to the first test that needs it
	os.Exit(m.Run())
}

func TestTheBrokerKeepsItsPromisesAndNoMore(t *testing.T) {
	for _, p := range promises.All() {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			ctx, end := context.WithCancel(t.Context())
			b, err := broker.Open(ctx, dir, promises.Consumers()...)
			require.NoError(t, err)
			ended := make(chan error)
			go func() { ended <- b.Run(ctx) }()
			saw, err := p.Try(ctx, b)
			end()
			require.NoError(t, <-ended)
			require.NoError(t, err, p.Name)
			require.Equal(t, p.Saw, saw, "%s: %s", p.Name, p.Claim)
		})
	}
}
