package exercise

import (
	"testing"

	"example.com/dtx/ch04-saga/exercise/shop"
	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/lab/grade"
)

func TestMain(m *testing.M) { grade.Main(m) }

func TestExercise(t *testing.T) {
	grade.Steps(t,
		grade.Step{
			Name: "a call that comes again takes nothing again",
			Hint: "The second call must be able to tell that it is the second. What tells it, and in which transaction was that written?",
			Try: func(t *grade.T) {
				t.Survives(exercise("payment"), with(onlyCharge), "success",
					"reply lost @ order → payment: POST /charge order-1 #1",
					"delivered twice @ order → payment: POST /charge order-1 #1",
					"crash before reply @ payment: POST /charge order-1 #1")
				t.Survives(exercise("payment"), with(onlyCharge), "insufficient funds",
					"reply lost @ order → payment: POST /charge order-1 #1")
			},
		},
		grade.Step{
			Name: "a step is undone once, and also when its undoing comes first",
			Hint: "Give back what was taken, and nothing else. And where nothing was taken yet, there is something to write down: for the call that is under way.",
			Try: func(t *grade.T) {
				t.Survives(exercise("stock", "delivery"), with(withoutMoney), "slot full",
					"reply lost @ order → stock: POST /release order-1 #1",
					"delivered twice @ order → stock: POST /release order-1 #1")
				t.Survives(exercise("stock", "delivery"), with(withoutMoney), "success",
					"delivered late @ order → stock: POST /reserve order-1 #1",
					"delivered at rest @ order → stock: POST /reserve order-1 #1")
			},
		},
		grade.Step{
			Name: "whatever is refused, an order is whole",
			Hint: "Which steps can be undone? Which can be refused, and not undone? Which can be neither, and must therefore come last?",
			Try: func(t *grade.T) {
				for _, scenario := range []string{"success", "out of stock", "slot full", "insufficient funds"} {
					t.Survives(exercise("stock", "delivery", "payment"), with(Plan), scenario)
				}
			},
		},
		grade.Step{
			Name: "the conductor dies, and its successor brings the order to its end",
			Hint: "If the record says back, it stays back. Else ask each step again from the first on. No answer is not a no: you do not know whether the pivot is done.",
			Try: func(t *grade.T) {
				all := exercise("stock", "delivery", "payment")
				t.Survives(all, with(Plan), "success",
					"crash on reply @ order → stock: POST /reserve order-1 #1",
					"crash on reply @ order → payment: POST /charge order-1 #1",
					"crash on reply @ order → stock: POST /ship order-1 #1",
					"crash on reply @ order → payment: POST /charge order-1 #1 and reply lost @ order → stock: POST /reserve order-1 #2",
					"crash on reply @ order → payment: POST /charge order-1 #1 and crash @ order → stock: POST /reserve order-1 #2",
					"reply lost @ order → delivery: POST /book order-1 #1 and delivered at rest @ order → delivery: POST /cancel order-1 #1 and crash @ order → delivery: POST /cancel order-1 #2")
				t.Survives(all, with(Plan), "slot full",
					"crash on reply @ order → delivery: POST /book order-1 #1",
					"crash on reply @ order → stock: POST /release order-1 #1")
			},
		},
		grade.Step{
			Name: "every single fault leaves every order whole",
			Hint: "Write down what is on each disk at the moment of the fault. From that alone, and nothing else, your program has to go on.",
			Try: func(t *grade.T) {
				t.SurvivesEveryFault(exercise("stock", "delivery", "payment"), with(Plan))
			},
		},
	)
}

// onlyCharge is an order that only asks for money.
func onlyCharge(o order.Order) ([]shop.Step, error) {
	return []shop.Step{{Do: "http://payment/charge", Amount: shop.Amount{Name: o.Customer, Amount: o.Cents}}}, nil
}

// withoutMoney is an order all of whose steps can be undone until it is shipped.
func withoutMoney(o order.Order) ([]shop.Step, error) {
	units := shop.Amount{Name: o.Item, Amount: o.Quantity}
	return []shop.Step{
		{Do: "http://stock/reserve", Undo: "http://stock/release", Amount: units},
		{Do: "http://delivery/book", Undo: "http://delivery/cancel", Amount: shop.Amount{Name: o.Slot, Amount: 1}},
		{Do: "http://stock/ship", Amount: units},
	}, nil
}
