package sim_test

import "example.com/dtx/lab/fault"

// faultsOfZombies are those after which a process goes on beside its successor.
func faultsOfZombies() []struck {
	return []struck{
		{
			kind: fault.Zombie, point: charge, told: []int{201}, left: 9500, does: `
shop goes on as shop (old) (zombie)
shop restarts
shop (old) sends m2 to till: POST /charge
till receives m2
till commits and forces
till sends m3 to shop (old): 200
shop (old) receives m3
shop (old) commits
shop (old) sends m4 to client: 201
client receives m4
`,
		},
		{
			kind: fault.ZombieAsked, point: charged, scenario: "in turn",
			told: []int{201, 201}, left: 9000, does: `
till goes on as till (old) (zombie asked)
till restarts
till (old) commits and forces
till (old) sends m3 to shop: 200
shop receives m3
shop commits
shop sends m4 to client: 201
client receives m4
client sends m5 to shop: POST /orders order-10
shop receives m5
shop commits and forces
shop sends m6 to till (old): POST /charge order-10
till (old) receives m6
till (old) commits and forces
till (old) sends m7 to shop: 200
shop receives m7
shop commits
shop sends m8 to client: 201
client receives m8
`,
		},
		{
			kind: fault.ZombieAsleep, point: charge, told: []int{0}, left: 9500, does: `
shop goes on as shop (old) (zombie asleep)
shop (old) stands still
shop restarts
shop sends m2 to till: POST /charge
till receives m2
till commits and forces
till sends m3 to shop: 200
shop receives m3
shop commits
client out of patience
shop (old) wakes
shop (old) sends m4 to till: POST /charge
m4 is lost
shop (old) out of patience
shop (old) sends m5 to client: 503
m5 is lost
`,
		},
		{
			kind: fault.ZombieCutOff, point: charge, told: []int{503}, left: 9500, does: `
shop goes on as shop (old) (zombie cut off)
shop restarts
shop (old) sends m2 to till: POST /charge (partition)
m2 is lost (partition)
shop sends m3 to till: POST /charge
till receives m3
till commits and forces
till sends m4 to shop: 200
shop receives m4
shop commits
shop (old) out of patience
shop (old) sends m5 to client: 503
client receives m5
`,
		},
		{
			kind: fault.ZombieOnReply, point: charge, told: []int{201}, left: 9500, does: `
shop goes on as shop (old) (zombie on reply)
shop restarts
shop (old) commits
shop (old) sends m4 to client: 201
client receives m4
`,
		},
		{
			kind: fault.ZombieAsleepOnReply, point: charge, told: []int{0}, left: 9500, does: `
shop goes on as shop (old) (zombie asleep on reply)
shop (old) stands still
shop restarts
shop sends m4 to till: POST /charge
till receives m4
till sends m5 to shop: 200
shop receives m5
shop commits
client out of patience
shop (old) wakes
shop (old) sends m6 to client: 503
m6 is lost
`,
		},
	}
}
