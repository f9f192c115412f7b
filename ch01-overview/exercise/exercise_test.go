package exercise

import (
	"testing"

	"example.com/dtx/ch01-overview/exercise/shop"
	"example.com/dtx/course/grade"
)

func TestMain(m *testing.M) { grade.Main(m) }

func TestExercise(t *testing.T) {
	grade.Steps(t,
		grade.Step{
			Name: "six damages have their causes",
			Hint: "Ask of each run: what did order know at that moment, and what did it " +
				"assume?",
			Try: requireCauses,
		},
		grade.Step{
			Name: "a call that comes again takes once",
			Hint: "What did the first call leave behind, in the same transaction, that " +
				"the second can find?",
			Try: func(t *grade.T) {
				t.Survives(exercise(), with(shop.Once, Take), "success",
					"delivered twice @ order → payment: POST /charge order-1 #1")
				t.Survives(exercise(), with(shop.Once, Take), "retry",
					"reply lost @ client → order: POST /orders order-1 #1",
					"crash before reply @ order: POST /orders order-1 #1")
			},
		},
		grade.Step{
			Name: "no answer is not a no",
			Hint: "Done and Refused are answers. After anything else, ask again: under " +
				"which key, after which pause, and for how long?",
			Try: func(t *grade.T) {
				t.Survives(exercise(), with(Ask, Take), "slot full")
				t.Survives(exercise(), with(Ask, Take), "success",
					"reply lost @ order → payment: POST /charge order-1 #1",
					"lost @ order → payment: POST /charge order-1 #1",
					"delivered late @ order → stock: POST /take order-1 #1",
					"crash before reply @ payment: POST /charge order-1 #1")
			},
		},
		grade.Step{
			Name: "every single fault, and you know which remain",
			Hint: "After which faults does no process know that ada's order is half done? " +
				"And after which has she disconnected, so that her context is cancelled, " +
				"before it is done?",
			Try: requireRemaining,
		},
	)
}
