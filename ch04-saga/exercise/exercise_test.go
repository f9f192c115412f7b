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
			Hint: "What did the first call leave behind, in the same transaction, that the second can find?",
			Try: func(t *grade.T) {
				t.Survives(exercise("payment"), with(onlyCharge), "success",
					"reply lost @ order → payment: POST /charge order-1 #1",
					"delivered twice @ order → payment: POST /charge order-1 #1",
					"crash before reply @ payment: POST /charge order-1 #1")
			},
		},
	)
}

// onlyCharge is an order that only asks for money.
func onlyCharge(o order.Order) ([]shop.Step, error) {
	return []shop.Step{{Do: "http://payment/charge", Amount: shop.Amount{Name: o.Customer, Amount: o.Cents}}}, nil
}
