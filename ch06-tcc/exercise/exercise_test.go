package exercise

import (
	"testing"

	"example.com/dtx/course/grade"
)

func TestMain(m *testing.M) { grade.Main(m) }

func TestExercise(t *testing.T) {
	grade.Steps(t,
		grade.Step{
			Name: "a try reserves, and does so once",
			Hint: "What tells the second try that it is the second, and in which " +
				"transaction was that written?",
			Try: func(t *grade.T) {
				t.Survives(exercise(success()), reserves(with(onlyTry(), all()...)), "success",
					"reply lost @ order → stock: POST /try order-1 #1",
					"delivered twice @ order → payment: POST /try order-1 #1",
					"crash before reply @ delivery: POST /try order-1 #1")
				t.Survives(exercise(slotFull()), with(onlyTry(), "delivery"), "slot full",
					"reply lost @ order → delivery: POST /try order-1 #1")
			},
		},
		grade.Step{
			Name: "a confirm and a cancel end a reservation, and do so once",
			Hint: "A confirm finds its transaction confirmed. A cancel finds it confirmed. " +
				"Which of the two comes again, and which must not be answered with yes?",
			Try: func(t *grade.T) {
				t.Survives(exercise(success()), with(written(), all()...), "success",
					"reply lost @ order → stock: POST /confirm order-1 #1",
					"delivered twice @ order → payment: POST /confirm order-1 #1",
					"crash before reply @ delivery: POST /confirm order-1 #1")
				t.Survives(exercise(slotFull()), with(written(), "stock", "payment"), "slot full",
					"reply lost @ order → stock: POST /cancel order-1 #1",
					"delivered twice @ order → payment: POST /cancel order-1 #1",
					"crash before reply @ stock: POST /cancel order-1 #1")
				brokenPromise(t)
			},
		},
		grade.Step{
			Name: "a cancel without a try gives nothing back, and stops the late try",
			Hint: "The initiator cancels where nothing was reserved: the try was refused, or " +
				"is still under way. What must such a cancel leave behind?",
			Try: func(t *grade.T) {
				t.Survives(exercise(slotFull()), with(written(), all()...), "slot full",
					"reply lost @ order → delivery: POST /cancel order-1 #1",
					"partition @ order → stock: POST /try order-1 #1",
					"delivered at rest @ order → stock: POST /try order-1 #1")
				t.Survives(exercise(success()), with(written(), all()...), "success",
					"crash @ order → stock: POST /try order-1 #1",
					"delivered at rest @ order → delivery: POST /try order-1 #1"+
						" and crash @ order → payment: POST /try order-1 #1")
				lateTry(t)
			},
		},
		grade.Step{
			Name: "a new process finishes what a dead one has left open",
			Hint: "Which promises may the dead process have made, to the customer and to the " +
				"participants? Which of them does the log show?",
			Try: func(t *grade.T) {
				v := recovering(with(written()))
				t.Survives(exercise(success()), v, "success",
					"crash before @ order: commit POST /orders order-1 #2",
					"crash @ order → stock: POST /try order-1 #1",
					"crash after @ order: commit POST /orders order-1 #2",
					"crash on reply @ order → payment: POST /confirm order-1 #1")
				t.Survives(exercise(slotFull()), v, "slot full",
					"crash on reply @ order → delivery: POST /try order-1 #1",
					"crash after @ order: commit POST /orders order-1 #2",
					"crash on reply @ order → stock: POST /cancel order-1 #1")
				t.Survives(exercise(success()), v, "success",
					"crash after @ order: commit POST /orders order-1 #2"+
						" and lost @ order → payment: POST /confirm order-1 #1",
					"crash before @ order: commit POST /orders order-1 #2"+
						" and crash on reply @ order → stock: POST /cancel order-1 #1")
			},
		},
		grade.Step{
			Name: "every single fault leaves every order whole",
			Hint: "Every message may come again, and it may come after everything that you " +
				"thought was the end of it.",
			Try: func(t *grade.T) {
				t.SurvivesEveryFault(exercise(success(), slotFull()),
					recovering(with(written(), all()...)))
			},
		},
	)
}

// all are the participants.
func all() []string { return []string{"stock", "payment", "delivery"} }
