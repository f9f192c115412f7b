package exercise

import (
	"context"

	"example.com/dtx/ch07-messages/broker"
	"example.com/dtx/ch07-messages/exercise/shop"
	"example.com/dtx/course/stub"
)

// Receive is called with each message that the broker delivers to delivery. The broker
// delivers it again until delivery acknowledges it: m.ID is then the same, and m.Token is
// not. It may also deliver it again after the acknowledgement: a broker that is killed
// forgets what it has heard last. Each message must book one place.
//
// After an error of yours, the message comes again a second later.
//
// For the fourth step: b.Deliver returns httpapi.Malformed if the message cannot be read,
// httpapi.UnknownSlot if there is no such slot, and httpapi.SlotFull if its places are
// taken; any other error is one of the database. The shop adds places to a full slot every
// day, but a slot that is unknown today stays unknown. What will never succeed belongs on
// the operator's list: b.Park.
//
// You need s.Update, b.Remember, b.Deliver, b.Park and s.Ack. About 20 lines.
func Receive(ctx context.Context, s *shop.Service, m broker.Message) error {
	return stub.NotWritten()
}
