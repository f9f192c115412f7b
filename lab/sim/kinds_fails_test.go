package sim_test

import "example.com/dtx/lab/fault"

// faultsOfTheLiving are those that a process survives, and an end in good order.
func faultsOfTheLiving() []struck {
	return []struck{
		{
			kind: fault.NotBegun, point: taking, told: []int{503}, left: 9500, does: `
till BEGIN fails (not begun)
till sends m3 to shop: 503
shop receives m3
shop sends m4 to client: 503
client receives m4
shop sends m5 to till: POST /charge
till receives m5
till commits and forces
till sends m6 to shop: 200
shop receives m6
shop commits
`,
		},
		{
			kind: fault.FirstStatement, point: taking, told: []int{503}, left: 9500, does: `
till a statement fails (first statement fails)
till sends m3 to shop: 500
shop receives m3
shop sends m4 to client: 503
client receives m4
shop sends m5 to till: POST /charge
till receives m5
till commits and forces
till sends m6 to shop: 200
shop receives m6
shop commits
`,
		},
		{
			kind: fault.LastStatement, point: taking, told: []int{503}, left: 9500, does: `
till a statement fails (last statement fails)
till sends m3 to shop: 500
shop receives m3
shop sends m4 to client: 503
client receives m4
shop sends m5 to till: POST /charge
till receives m5
till commits and forces
till sends m6 to shop: 200
shop receives m6
shop commits
`,
		},
		{
			kind: fault.DiskFull, point: opening, told: []int{503}, left: 10000, does: `
shop COMMIT fails (disk full for a minute)
shop sends m2 to client: 503
shop dies ends itself: outcome unknown
client receives m2
shop restarts
`,
		},
		{
			kind: fault.LostFsync, point: taking, told: []int{503}, left: 9500, does: `
till commits (lost fsync)
till sends m3 to shop: 503
till dies ends itself: outcome unknown
shop receives m3
shop sends m4 to client: 503
client receives m4
till restarts
shop sends m5 to till: POST /charge
till receives m5
till sends m6 to shop: 200
shop receives m6
shop commits
till dies (power cut)
till restarts
`,
		},
		{
			kind: fault.Stranger404, point: charge, told: []int{503}, left: 9500, does: `
shop sends m2 to till: POST /charge (stranger answers 404)
m2 is lost (stranger answers 404)
shop a stranger answers (stranger answers 404)
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
			kind: fault.Stranger502, point: charge, told: []int{503}, left: 9500, does: `
shop sends m2 to till: POST /charge (stranger answers 502)
m2 is lost (stranger answers 502)
shop a stranger answers (stranger answers 502)
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
			kind: fault.Stranger200, point: charge, told: []int{503}, left: 9500, does: `
shop sends m2 to till: POST /charge (stranger answers 200)
m2 is lost (stranger answers 200)
shop a stranger answers (stranger answers 200)
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
			kind: fault.GoodOrder, point: charge, told: []int{201}, left: 9500, does: `
shop is told to end (good order)
shop sends m2 to till: POST /charge
till receives m2
till commits and forces
till sends m3 to shop: 200
shop receives m3
shop commits
shop sends m4 to client: 201
shop dies ends in good order
client receives m4
shop restarts
`,
		},
		{
			kind: fault.GoodOrder, point: ending, told: []int{201}, left: 9500, does: `
shop is told to end (good order)
shop commits
shop sends m4 to client: 201
shop dies ends in good order
client receives m4
shop restarts
`,
		},
	}
}
