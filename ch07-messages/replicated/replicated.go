package replicated

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	copies  = 3
	half    = 500             // messages before the leader is killed, and after
	attempt = 2 * time.Second // for one acknowledgement
	longest = 2 * time.Minute // for all that is measured

	stream = "shop"
)

// Result is what a kill of the leader did.
type Result struct {
	Acknowledged int           // messages
	Lost         int           // acknowledged messages that are not stored
	Again        int           // messages that are stored twice
	Without      time.Duration // time from the kill to the next acknowledgement
}

// Measure publishes messages to three brokers, one after the other, kills the leader in
// between, and goes on. Then it reads what the other two have. Dir is for their data.
func Measure(ctx context.Context, dir string) (r Result, err error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	urls, list, err := start(ctx, dir)
	defer func() {
		for _, p := range list {
			p.kill()
		}
	}()
	if err != nil {
		return r, fmt.Errorf("start three brokers: %w", err)
	}
	conn, err := nats.Connect(strings.Join(urls, ","), nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		return r, err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return r, err
	}
	if err := replicate(ctx, js); err != nil {
		return r, err
	}
	if err := publish(ctx, js, 0, half); err != nil {
		return r, err
	}
	leader, err := leaderOf(ctx, js)
	if err != nil {
		return r, err
	}
	killed := time.Now()
	list[leader].kill()
	if err := publish(ctx, js, half, half+1); err != nil {
		return r, err
	}
	r.Without = time.Since(killed)
	if err := publish(ctx, js, half+1, 2*half); err != nil {
		return r, err
	}
	r.Acknowledged = 2 * half
	return r, r.count(ctx, js)
}

// replicate makes the stream when the brokers have found each other.
func replicate(ctx context.Context, js jetstream.JetStream) error {
	return again(ctx, func(ctx context.Context) error {
		_, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name: stream, Subjects: []string{stream + ".*"}, Replicas: copies,
		})
		return err
	})
}

// publish publishes the messages from one number to before another. One without an
// acknowledgement may be stored: it is published again, with the same ID.
func publish(ctx context.Context, js jetstream.JetStream, from, to int) error {
	for i := from; i < to; i++ {
		err := again(ctx, func(ctx context.Context) error {
			id := jetstream.WithMsgID(fmt.Sprint(i))
			_, err := js.Publish(ctx, stream+".placed", fmt.Append(nil, i), id)
			return err
		})
		if err != nil {
			return fmt.Errorf("publish message %d: %w", i, err)
		}
	}
	return nil
}

// again calls fn until it succeeds, or until ctx is done.
func again(ctx context.Context, fn func(context.Context) error) error {
	for {
		once, cancel := context.WithTimeout(ctx, attempt)
		err := fn(once)
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// leaderOf returns the name of the broker that takes the messages.
func leaderOf(ctx context.Context, js jetstream.JetStream) (string, error) {
	s, err := js.Stream(ctx, stream)
	if err != nil {
		return "", fmt.Errorf("ask who is the leader: %w", err)
	}
	return s.CachedInfo().Cluster.Leader, nil
}

// count reads all messages.
func (r *Result) count(ctx context.Context, js jetstream.JetStream) error {
	s, err := js.Stream(ctx, stream)
	if err != nil {
		return fmt.Errorf("read what is stored: %w", err)
	}
	times := map[string]int{}
	for i := range s.CachedInfo().State.LastSeq {
		m, err := s.GetMsg(ctx, i+1)
		if err != nil {
			return fmt.Errorf("read what is stored: %w", err)
		}
		times[string(m.Data)]++
	}
	for i := range r.Acknowledged {
		switch n := times[fmt.Sprint(i)]; {
		case n == 0:
			r.Lost++
		case n > 1:
			r.Again++
		}
	}
	return nil
}
