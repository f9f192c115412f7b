package sim_test

import (
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/toy"
)

// faultsOfRequests are those where a request is sent.
func faultsOfRequests() []struck {
	return []struck{
		{
			kind: fault.Lost, point: charge, told: []int{503}, left: 9500, does: `
shop sends m2 to till: POST /charge (lost)
m2 is lost (lost)
shop out of patience
shop sends m3 to client: 503
client receives m3
shop sends m4 to till: POST /charge
till receives m4
till commits and forces
till sends m5 to shop: 200
shop receives m5
shop commits
`,
		},
		{
			kind: fault.ReplyLost, point: charge, told: []int{503}, left: 9500, does: `
till sends m3 to shop: 200 (reply lost)
m3 is lost (reply lost)
shop out of patience
shop sends m4 to client: 503
client receives m4
shop sends m5 to till: POST /charge
till receives m5
till sends m6 to shop: 200
shop receives m6
shop commits
`,
		},
		{
			kind: fault.Twice, point: charge, flaw: toy.NoDeduplication,
			told: []int{201}, left: 9000, does: `
shop sends m2 to till: POST /charge (delivered twice)
shop sends m3 to till: POST /charge (delivered twice)
till receives m2
till commits and forces
till sends m4 to shop: 200
shop receives m4
till receives m3
till commits and forces
till sends m5 to shop: 200
m5 is lost
shop commits
shop sends m6 to client: 201
client receives m6
BROKEN payment twice: order-1: payment ada 1000 instead of 500
`,
		},
		{
			kind: fault.TwiceAtOnce, point: charge, flaw: toy.NoDeduplication,
			told: []int{201}, left: 9000, does: `
shop sends m2 to till: POST /charge (delivered twice at once)
shop sends m3 to till: POST /charge (delivered twice at once)
till receives m2
till receives m3
till commits and forces
till sends m4 to shop: 200
shop receives m4
till commits and forces
till sends m5 to shop: 200
shop receives m5
shop commits
shop sends m6 to client: 201
client receives m6
BROKEN payment twice: order-1: payment ada 1000 instead of 500
`,
		},
		{
			kind: fault.Late, point: charge, told: []int{503}, left: 9500, does: `
shop sends m2 to till: POST /charge (delivered late)
shop out of patience
till receives m2
till commits and forces
till sends m3 to shop: 200
m3 is lost
shop sends m4 to client: 503
client receives m4
shop sends m5 to till: POST /charge
till receives m5
till sends m6 to shop: 200
shop receives m6
shop commits
`,
		},
		{
			kind: fault.AtRest, point: charge, told: []int{503}, left: 9500, does: `
shop sends m2 to till: POST /charge (delivered at rest)
shop out of patience
shop sends m3 to client: 503
client receives m3
shop sends m4 to till: POST /charge
till receives m4
till commits and forces
till sends m5 to shop: 200
shop receives m5
shop commits
till receives m2
till sends m6 to shop: 200
m6 is lost
`,
		},
		{
			kind: fault.Partition, point: order, scenario: "retry",
			told: []int{0, 0, 201}, left: 9500, does: `
client sends m1 to shop: POST /orders (partition)
m1 is lost (partition)
client out of patience
client sends m2 to shop: POST /orders (partition)
m2 is lost (partition)
client out of patience
client sends m3 to shop: POST /orders
shop receives m3
shop commits and forces
shop sends m4 to till: POST /charge
till receives m4
till commits and forces
till sends m5 to shop: 200
shop receives m5
shop commits
shop sends m6 to client: 201
client receives m6
`,
		},
		{
			kind: fault.Partition, point: second, scenario: "two at once",
			told: []int{0, 0}, left: 9500, does: `
client sends m2 to shop: POST /orders order-10 (partition)
m2 is lost (partition)
shop receives m1
shop commits and forces
shop sends m3 to till: POST /charge order-1
till receives m3
till commits and forces
till sends m4 to shop: 200
shop receives m4
shop commits
shop sends m5 to client: 201 (partition)
m5 is lost (partition)
client out of patience
client out of patience
`,
		},
		{
			kind: fault.Crash, point: charge, told: []int{0}, left: 9500, does: `
shop dies (crash)
client connection broken
shop restarts
shop sends m2 to till: POST /charge
till receives m2
till commits and forces
till sends m3 to shop: 200
shop receives m3
shop commits
`,
		},
		{
			kind: fault.CrashOnReply, point: charge, told: []int{0}, left: 9500, does: `
shop dies (crash on reply)
client connection broken
shop restarts
shop sends m4 to till: POST /charge
till receives m4
till sends m5 to shop: 200
shop receives m5
shop commits
`,
		},
		{
			kind: fault.HangUp, point: charge, told: []int{0}, left: 9500, does: `
shop its caller is gone (hang up)
shop sends m2 to till: POST /charge
client connection broken
m2 is lost
shop out of patience
shop sends m3 to client: 503
m3 is lost
shop sends m4 to till: POST /charge
till receives m4
till commits and forces
till sends m5 to shop: 200
shop receives m5
shop commits
`,
		},
	}
}
