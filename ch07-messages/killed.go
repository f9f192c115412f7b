package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
)

// acknowledged is how many messages one service acknowledges before the broker is killed.
// Each is for two services, so the broker still keeps it.
const acknowledged = 25

// pauses are the times between the last acknowledgement and the kill.
func pauses() []time.Duration {
	return []time.Duration{0, time.Second}
}

// killedRows kills a broker whose messages are all acknowledged, and counts what comes
// again.
func killedRows(ctx context.Context) ([][]string, error) {
	rows := [][]string{{"from the last acknowledgement to the kill", "published",
		"delivered to payment", "delivered to order again"}}
	found, errs := make([][]string, len(pauses())), make([]error, len(pauses()))
	var wg sync.WaitGroup
	for i, pause := range pauses() {
		wg.Go(func() {
			first, again, err := afterKill(ctx, pause)
			found[i] = []string{
				pause.String(), fmt.Sprint(acknowledged), fmt.Sprint(first), fmt.Sprint(again),
			}
			errs[i] = err
		})
	}
	wg.Wait()
	return append(rows, found...), errors.Join(errs...)
}

// afterKill publishes messages, has order acknowledge them, and kills the broker after a
// pause. It counts what the broker's next process delivers: to payment, which has fetched
// nothing before, and to order again.
func afterKill(ctx context.Context, pause time.Duration) (first, again int, err error) {
	v := brokered()
	v.Services = slices.DeleteFunc(v.Services, func(s lab.Service) bool {
		return s.Name != "broker"
	})
	plan := []fault.Fault{{Kind: fault.Crash, Point: "broker: POST /working/booked #1"}}
	cluster, err := real.Start(ctx, v, real.Options{Plan: plan})
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	c := broker.Client{HTTP: cluster.Client()}
	last, err := acknowledge(ctx, c)
	if err != nil {
		return 0, 0, err
	}
	time.Sleep(pause)
	_ = c.Working(ctx, "", last) // this kills it
	var wg sync.WaitGroup
	wg.Go(func() { first = count(ctx, c, "payment") })
	wg.Go(func() { again = count(ctx, c, "order") })
	wg.Wait()
	return first, again, nil
}

// acknowledge has messages stored, delivered and acknowledged.
func acknowledge(ctx context.Context, c broker.Client) (last broker.Message, err error) {
	for i := range acknowledged {
		if _, err := c.Publish(ctx, "booked", fmt.Sprint(i), "", []byte("{}")); err != nil {
			return last, err
		}
	}
	for done := 0; done < acknowledged; {
		list, err := c.Fetch(ctx, "order", acknowledged)
		if err != nil {
			return last, err
		}
		for _, last = range list {
			if err := c.Ack(ctx, "", last); err != nil {
				return last, err
			}
		}
		done += len(list)
	}
	return last, nil
}

// count counts the messages that a service gets in a bit more than an AckWait.
func count(ctx context.Context, c broker.Client, service string) int {
	seen := map[string]bool{}
	ctx, cancel := context.WithTimeout(ctx, broker.AckWait+3*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		list, err := c.Fetch(ctx, service, acknowledged)
		for _, m := range list {
			seen[m.ID] = true
		}
		if err != nil {
			time.Sleep(20 * time.Millisecond) // it is not up again yet
		}
	}
	return len(seen)
}
