package exercise

import (
	"example.com/dtx/ch04-saga/exercise/shop"
	"example.com/dtx/ch04-saga/order"
)

// Plan returns the steps of an order. This is what the services offer, in the
// order of the alphabet:
//
//	http://delivery/book      takes 1 place in the slot; it may be full
//	http://delivery/cancel    undoes that
//	http://payment/charge     takes the money from the customer, who may have too little; the bank undoes nothing
//	http://stock/release      gives the units back
//	http://stock/reserve      takes the units of the item; there may be too few
//	http://stock/ship         sends what is reserved; nobody can call it back, and it is never refused
//
// The first step without an Undo is the pivot: before it, the conductor goes
// back when a step is refused; after it, it tries each step until it is done. In
// which order can an order never get stuck half done?
//
// About 8 lines.
func Plan(o order.Order) ([]shop.Step, error) {
	units := shop.Amount{Name: o.Item, Amount: o.Quantity}
	return []shop.Step{
		{Do: "http://stock/reserve", Undo: "http://stock/release", Amount: units},
		{Do: "http://payment/charge", Amount: shop.Amount{Name: o.Customer, Amount: o.Cents}},
		{Do: "http://delivery/book", Undo: "http://delivery/cancel", Amount: shop.Amount{Name: o.Slot, Amount: 1}},
		{Do: "http://stock/ship", Amount: units},
	}, nil
}
