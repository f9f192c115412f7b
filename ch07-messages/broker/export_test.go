package broker

import "context"

func (b *Broker) Info(ctx context.Context) any {
	i, err := b.consumers["stock"].Info(ctx)
	if err != nil { return err }
	return []any{i.Delivered, i.AckFloor, i.NumAckPending, i.NumPending, i.NumWaiting, i.NumRedelivered}
}
