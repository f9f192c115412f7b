// Package broker is the message broker of this chapter: a real NATS JetStream server
// inside one process, behind five methods and an HTTP route for each.
//
// A published message is on the disk when Publish returns. It is delivered at least
// once to each consumer that is subscribed to its subject.
package broker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	stream = "shop"
	prefix = stream + "." // of each subject

	// Window is how long the broker remembers the IDs of what was published.
	Window = 10 * time.Second
	// AckWait is how long after its delivery a message without an acknowledgement is
	// delivered again.
	AckWait = 5 * time.Second
	maxSize = 1 << 30 // of all messages, in bytes
)

// Consumer receives each message on its subjects. Its processes share them.
type Consumer struct {
	Name       string
	Subjects   []string
	MaxDeliver int // deliveries of one message, and then none; 0 means no limit
}

// Message is a message that a consumer has fetched.
type Message struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	Body    string `json:"body"`
	Token   string `json:"token"` // names this delivery
	Tries   int    `json:"tries"` // deliveries of this message, this one included
}

// Broker is a server with its data in a folder.
type Broker struct {
	http.Handler
	server    *server.Server
	conn      *nats.Conn
	stream    jetstream.JetStream
	consumers map[string]jetstream.Consumer
	ending    context.Context
	end       context.CancelFunc
}

// Open starts a server on a folder. Run ends it.
func Open(ctx context.Context, folder string, consumers ...Consumer) (*Broker, error) {
	b := &Broker{consumers: map[string]jetstream.Consumer{}}
	b.ending, b.end = context.WithCancel(context.WithoutCancel(ctx))
	b.Handler = b.routes()
	err := b.start(folder)
	if err == nil {
		err = b.subscribe(ctx, consumers)
	}
	if err != nil {
		return nil, fmt.Errorf("open the broker: %w", errors.Join(err, b.close()))
	}
	return b, nil
}

// start starts the server and connects to it, without a socket.
func (b *Broker) start(folder string) (err error) {
	b.server, err = server.NewServer(&server.Options{
		DontListen: true, NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: folder, SyncAlways: true,
		JetStreamMaxStore: 2 * maxSize, JetStreamMaxMemory: -1,
	})
	if err != nil {
		return err
	}
	b.server.Start()
	ignore := func(*nats.Conn, *nats.Subscription, error) {} // each call returns its own error
	b.conn, err = nats.Connect("", nats.InProcessServer(b.server), nats.NoReconnect(),
		nats.ErrorHandler(ignore))
	if err == nil {
		b.stream, err = jetstream.New(b.conn)
	}
	return err
}

// subscribe makes the stream and its consumers. A message is kept until each consumer
// that it is for has acknowledged it. A full broker refuses new messages: those wait in
// the outboxes.
func (b *Broker) subscribe(ctx context.Context, consumers []Consumer) error {
	_, err := b.stream.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: stream, Subjects: []string{prefix + "*"}, Storage: jetstream.FileStorage,
		Duplicates: Window, Retention: jetstream.InterestPolicy,
		MaxBytes: maxSize, Discard: jetstream.DiscardNew,
	})
	for _, c := range consumers {
		if err != nil {
			return err
		}
		config := jetstream.ConsumerConfig{
			Durable: c.Name, AckPolicy: jetstream.AckExplicitPolicy, AckWait: AckWait,
			MaxDeliver: cmp.Or(c.MaxDeliver, -1),
		}
		for _, subject := range c.Subjects {
			config.FilterSubjects = append(config.FilterSubjects, prefix+subject)
		}
		b.consumers[c.Name], err = b.stream.CreateOrUpdateConsumer(ctx, stream, config)
	}
	return err
}

// Run returns when ctx is done and the server has ended.
func (b *Broker) Run(ctx context.Context) error {
	<-ctx.Done()
	return b.close()
}

func (b *Broker) close() error {
	b.end()
	if b.conn != nil {
		b.conn.Close()
	}
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
	return nil
}
