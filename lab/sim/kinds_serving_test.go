package sim_test

import "example.com/dtx/lab/fault"

// faultsOfServing are those where a request is served, and where time passes.
func faultsOfServing() []struck {
	return []struck{
		{
			kind: fault.Crash, point: charged, told: []int{503}, left: 9500, does: `
till dies (crash)
shop connection broken
shop sends m3 to client: 503
client receives m3
till restarts
shop sends m4 to till: POST /charge
till receives m4
till commits and forces
till sends m5 to shop: 200
shop receives m5
shop commits
`,
		},
		{
			kind: fault.CrashBeforeReply, point: charged, told: []int{503}, left: 9500, does: `
till dies (crash before reply)
shop connection broken
shop sends m3 to client: 503
client receives m3
till restarts
shop sends m4 to till: POST /charge
till receives m4
till sends m5 to shop: 200
shop receives m5
shop commits
`,
		},
		{
			kind: fault.CrashAfterReply, point: charged, told: []int{201}, left: 9500, does: `
till dies (crash after reply)
shop commits
shop sends m4 to client: 201
client receives m4
till restarts
`,
		},
		{
			kind: fault.PowerCutAfterReply, point: ordered, told: []int{201}, left: 9500, does: `
shop dies (power cut after reply)
shop restarts
shop sends m5 to till: POST /charge
till receives m5
till sends m6 to shop: 200
shop receives m6
shop commits
`,
		},
		{
			kind: fault.HangUp, point: ordered, told: []int{0}, left: 10000, does: `
shop its caller is gone (hang up)
client connection broken
shop sends m2 to client: 503
m2 is lost
`,
		},
		{
			kind: fault.Pause, point: charge, scenario: "two at once",
			told: []int{0, 0}, left: 9500, does: `
shop stands still (pause)
client out of patience
client out of patience
shop sends m3 to till: POST /charge order-1
m3 is lost
shop out of patience
shop sends m4 to client: 503
m4 is lost
shop sends m5 to client: 503
m5 is lost
shop sends m6 to till: POST /charge order-1
till receives m6
till commits and forces
till sends m7 to shop: 200
shop receives m7
shop commits
`,
		},
		{
			kind: fault.Slow, point: charge, scenario: "two at once",
			told: []int{0, 201}, left: 9000, does: `
shop stands still (slow)
shop commits and forces
shop sends m3 to till: POST /charge order-10
till receives m3
till commits and forces
till sends m4 to shop: 200
shop receives m4
shop commits
shop sends m5 to client: 201
client receives m5
client out of patience
shop sends m6 to till: POST /charge order-1
m6 is lost
shop out of patience
shop sends m7 to client: 503
m7 is lost
shop sends m8 to till: POST /charge order-1
till receives m8
till commits and forces
till sends m9 to shop: 200
shop receives m9
shop commits
`,
		},
	}
}
