package exercise

import (
	"testing"

	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/course/grade"
)

func TestMain(m *testing.M) { grade.Main(m) }

func TestExercise(t *testing.T) {
	grade.Steps(t,
		grade.Step{
			Name: "a call that comes again takes nothing again",
			Hint: "What tells the second call that it is the second, and in which " +
				"transaction was that written?",
			Try: func(t *grade.T) {
				paid := only(exercise(success(), insufficientFunds()), "payment")
				t.Survives(paid, with(onlyCharge), "success",
					"reply lost @ order → payment: POST /charge order-1 #1",
					"delivered twice @ order → payment: POST /charge order-1 #1",
					"crash before reply @ payment: POST /charge order-1 #1")
				t.Survives(paid, with(onlyCharge), "insufficient funds",
					"reply lost @ order → payment: POST /charge order-1 #1")
			},
		},
		grade.Step{
			Name: "a step is compensated once, also if the compensation comes first",
			Hint: "What must a compensation leave behind if it finds nothing to give " +
				"back? The call that it compensates may still be under way.",
			Try: func(t *grade.T) {
				booked := only(exercise(success(), slotFull()), "stock", "delivery")
				t.Survives(booked, with(withoutMoney), "slot full",
					"reply lost @ order → stock: POST /release order-1 #1",
					"delivered twice @ order → stock: POST /release order-1 #1")
				t.Survives(booked, with(withoutMoney), "success",
					"delivered late @ order → stock: POST /reserve order-1 #1",
					"delivered at rest @ order → stock: POST /reserve order-1 #1")
			},
		},
		grade.Step{
			Name: "an order is whole, whichever step is refused",
			Hint: "Which steps have a compensation? Which may be refused, and have none? " +
				"Which are never refused?",
			Try: func(t *grade.T) {
				c := exercise(success(), outOfStock(), slotFull(), insufficientFunds())
				for _, s := range c.Scenarios {
					t.Survives(c, with(Plan), s.Name)
				}
			},
		},
		grade.Step{
			Name: "the orchestrator dies, and its successor finishes the saga",
			Hint: "A saga that compensates stays so. Any other: call each step again from " +
				"the first on. Is no answer a refusal, if the pivot may be done?",
			Try: func(t *grade.T) {
				c := exercise(success(), slotFull())
				t.Survives(c, with(Plan), "success",
					"crash on reply @ order → stock: POST /reserve order-1 #1",
					"crash on reply @ order → payment: POST /charge order-1 #1",
					"crash on reply @ order → stock: POST /ship order-1 #1",
					"crash on reply @ order → payment: POST /charge order-1 #1"+
						" and reply lost @ order → stock: POST /reserve order-1 #2",
					"crash on reply @ order → payment: POST /charge order-1 #1"+
						" and crash @ order → stock: POST /reserve order-1 #2",
					"reply lost @ order → delivery: POST /book order-1 #1"+
						" and delivered at rest @ order → delivery: POST /cancel order-1 #1"+
						" and crash @ order → delivery: POST /cancel order-1 #2")
				t.Survives(c, with(Plan), "slot full",
					"crash on reply @ order → delivery: POST /book order-1 #1",
					"crash on reply @ order → stock: POST /release order-1 #1")
			},
		},
		grade.Step{
			Name: "every single fault leaves every order whole",
			Hint: "What is on each disk at the moment of the fault? Recovery knows that, " +
				"and nothing else.",
			Try: func(t *grade.T) {
				t.SurvivesEveryFault(exercise(success(), slotFull(), insufficientFunds(),
					theLastUnit()), with(Plan))
			},
		},
	)
}

// onlyCharge is an order that only asks for money.
func onlyCharge(o order.Order) ([]saga.Step, error) {
	cents := saga.Body{Name: o.Customer, Amount: o.Cents}
	return []saga.Step{{Forward: "http://payment/charge", Body: cents}}, nil
}

// withoutMoney is an order of which only the last step has no compensation.
func withoutMoney(o order.Order) ([]saga.Step, error) {
	units := saga.Body{Name: o.Item, Amount: o.Quantity}
	place := saga.Body{Name: o.Slot, Amount: 1}
	return []saga.Step{
		{Forward: "http://stock/reserve", Compensation: "http://stock/release", Body: units},
		{Forward: "http://delivery/book", Compensation: "http://delivery/cancel", Body: place},
		{Forward: "http://stock/ship", Body: units},
	}, nil
}
