package exercise

import (
	"example.com/dtx/ch04-saga/order"
	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/course/stub"
)

// Plan returns the steps of an order. This is what the services offer, sorted by name:
//
//	http://delivery/book      takes 1 place in the slot; the slot may be full
//	http://delivery/cancel    compensates that
//	http://payment/charge     takes the money from the customer, who may have too little
//	http://stock/release      compensates reserve
//	http://stock/reserve      takes the units of the item; there may be too few
//	http://stock/ship         sends what is reserved; it is never refused
//
// There is no compensation for charge, and none for ship. A step's Body is the name of
// an account and an amount. Its Name may stay empty.
//
// The first step without a Compensation is the pivot. If a step up to the pivot is
// refused, the orchestrator compensates. After the pivot it calls each step until it is
// done. In which order does no order stay half done?
//
// About 10 lines.
func Plan(o order.Order) ([]saga.Step, error) {
	return nil, stub.NotWritten()
}
