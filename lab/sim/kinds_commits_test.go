package sim_test

import "example.com/dtx/lab/fault"

// faultsOfCommits are those where a transaction commits.
func faultsOfCommits() []struck {
	return []struck{
		{
			kind: fault.CrashBefore, point: taking, told: []int{503}, left: 9500, does: `
till dies (crash before)
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
			kind: fault.CrashAfter, point: taking, told: []int{503}, left: 9500, does: `
till dies (crash after)
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
			kind: fault.CrashAfter, point: ending, told: []int{0}, left: 9500, does: `
shop dies (crash after)
client connection broken
shop restarts
`,
		},
		{
			kind: fault.PowerCut, point: taking, told: []int{503}, left: 9500, does: `
till dies (power cut)
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
			kind: fault.PowerCut, point: ending, told: []int{0}, left: 9500, does: `
shop dies (power cut)
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
			kind: fault.NotApplied, point: opening, told: []int{503}, left: 10000, does: `
shop COMMIT fails (disk full)
shop sends m2 to client: 503
shop dies ends itself: outcome unknown
client receives m2
shop restarts
`,
		},
		{
			kind: fault.Applied, point: opening, told: []int{503}, left: 9500, does: `
shop commits and forces (error though applied)
shop sends m2 to client: 503
shop dies ends itself: outcome unknown
client receives m2
shop restarts
shop sends m3 to till: POST /charge
till receives m3
till commits and forces
till sends m4 to shop: 200
shop receives m4
shop commits
`,
		},
	}
}
