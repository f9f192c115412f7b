package exercise

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server/ats"

	"example.com/dtx/ch07-messages/exercise/shop"
	"example.com/dtx/course/grade"
)

func TestMain(m *testing.M) {
	ats.Register() // the server's clock would belong to the first run that needs it
	grade.Main(m)
}

func TestExercise(t *testing.T) {
	grade.Steps(t,
		grade.Step{
			Name: "an order and its event are written down together",
			Hint: "Your process dies after the first of two writes. Which of them is there, and " +
				"what does the customer's next try find?",
			Try: func(t *grade.T) {
				v := brokered(shop.Part{Place: Place}, shop.Part{})
				v.Idempotent = false
				t.Survives(exercise(once()), v, "once",
					"crash before @ order: commit POST /orders order-1 #1",
					"crash after @ order: commit POST /orders order-1 #1",
					"lost @ order → broker: POST /publish/placed order-1 #1",
					"crash @ order → broker: POST /publish/placed order-1 #1",
					"crash on reply @ order → broker: POST /publish/placed order-1 #1")
			},
		},
		grade.Step{
			Name: "the relay publishes each event until the broker has it",
			Hint: "The broker has not answered. Does it have the event? What may the relay do " +
				"that is right in both cases?",
			Try: func(t *grade.T) {
				v := brokered(shop.Part{Place: Place, Relay: Relay}, shop.Part{})
				t.Survives(exercise(success()), v, "success",
					"lost @ order → broker: POST /publish/placed order-1 #1",
					"crash @ order → broker: POST /publish/placed order-1 #1",
					"reply lost @ order → broker: POST /publish/placed order-1 #1",
					"crash on reply @ order → broker: POST /publish/placed order-1 #1",
					"crash before @ order: commit publish order-1 #1")
			},
		},
		grade.Step{
			Name: "a message books one place, however often it comes",
			Hint: "What tells the second delivery that it is the second? It is of use only if " +
				"it is there exactly when the place is booked.",
			Try: func(t *grade.T) {
				v := brokered(shop.Part{}, shop.Part{Receive: Receive})
				t.Survives(exercise(success()), v, "success",
					"lost @ delivery → broker: POST /ack/placed order-1 #1",
					"crash before @ delivery: commit placed order-1 #1",
					"crash after @ delivery: commit placed order-1 #1",
					"crash on reply @ delivery → broker: POST /ack/placed order-1 #1",
					"crash before reply @ broker: POST /ack/placed order-1 #1",
					"disk full @ delivery: commit placed order-1 #1")
			},
		},
		grade.Step{
			Name: "a message that can never succeed is parked, and no other",
			Hint: "What can make this message succeed tomorrow: its sender, an operator, or " +
				"time? Which error says so?",
			Try: func(t *grade.T) {
				v := brokered(shop.Part{}, shop.Part{Receive: Receive})
				t.Survives(exercise(unreadable()), v, "unreadable",
					"crash before @ delivery: commit placed #1")
				t.Survives(exercise(noSuchSlot()), v, "no such slot")
				t.Survives(exercise(slotFull()), v, "slot full",
					"reply lost @ client → order: POST /orders order-1 #1")
				t.Survives(exercise(success()), v, "success",
					"not begun @ delivery: commit placed order-1 #1",
					"disk full @ delivery: commit placed order-1 #1")
			},
		},
		grade.Step{
			Name: "a check-back has one answer for ever, and every single fault does no harm",
			Hint: "The broker asks about an order of which there is no record. What can you " +
				"write so that your answer stays true, whatever comes after it?",
			Try: func(t *grade.T) {
				v := transactional(shop.Transactional{Accept: Accept, Check: Check},
					shop.Part{Receive: Receive})
				t.Survives(exercise(success()), v, "success",
					"lost @ order → halves: POST /commit order-1 #1",
					"reply lost @ order → halves: POST /half order-1 #1",
					"crash after @ order: commit POST /orders order-1 #1")
				leaves := v
				leaves.Idempotent = false
				t.Survives(exercise(once()), leaves, "once",
					"crash before @ order: commit POST /orders order-1 #1")
				t.SurvivesEveryFault(exercise(success()), v)
				t.SurvivesEveryFault(exercise(success()), brokered(
					shop.Part{Place: Place, Relay: Relay}, shop.Part{Receive: Receive}))
			},
		},
	)
}
