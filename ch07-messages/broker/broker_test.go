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

func trial(t *testing.T, dir string, settle func(), pause time.Duration) {
	open := func(dir string) (*broker.Broker, func()) {
		ctx, cancel := context.WithCancel(t.Context())
		b, err := broker.Open(ctx, dir, broker.Consumer{"stock", []string{"placed"}})
		require.NoError(t, err)
		done := make(chan error)
		go func() { done <- b.Run(ctx) }()
		return b, func() { cancel(); <-done }
	}
	ctx := context.Background()
	b, end := open(dir)
	got := make(chan []broker.Message, 1)
	go func() {
		wait, stop := context.WithTimeout(ctx, 24*time.Second)
		defer stop()
		list, _ := b.Fetch(wait, "stock", 5)
		got <- list
	}()
	time.Sleep(time.Millisecond)
	settle()
	_, err := b.Publish(ctx, "placed", "a", []byte("hello"))
	require.NoError(t, err)
	t.Log("first", <-got)
	time.Sleep(pause)
	settle()
	require.NoError(t, os.CopyFS(dir+"-copy", os.DirFS(dir)))
	end()
	time.Sleep(50 * time.Millisecond)
	b, end = open(dir + "-copy")
	from := time.Now()
	wait, stop := context.WithTimeout(ctx, 24*time.Second)
	list, err := b.Fetch(wait, "stock", 5)
	stop()
	end()
}

func TestTrial(t *testing.T) {
	for _, pause := range []time.Duration{0, 50 * time.Millisecond} {
		t.Log("fake", pause)
		synctest.Test(t, func(t *testing.T) { trial(t, t.TempDir(), synctest.Wait, pause) })
	}
	for _, pause := range []time.Duration{0, 50 * time.Millisecond} {
		t.Log("real", pause)
		trial(t, t.TempDir(), func() { time.Sleep(10 * time.Millisecond) }, pause)
	}
}
