package exercise

import (
	"testing"

	"example.com/dtx/course/grade"
)

func TestMain(m *testing.M) { grade.Main(m) }

func TestExercise(t *testing.T) {
	grade.Steps(t,
		grade.Step{
			Name: "a promise is kept, and kept once",
			Hint: "A prepare that comes again gets its first answer. From what does the " +
				"participant know that answer?",
			Try: func(t *grade.T) {
				t.Survives(exercise(success()), ours(nil), "success",
					"delivered twice @ order → stock: POST /prepare order-1.1.1 #1",
					"reply lost @ order → stock: POST /commit order-1.1.1 #1",
					"delivered twice @ order → payment: POST /commit order-1.1.1 #1",
					"crash after reply @ payment: POST /prepare order-1.1.1 #1",
					"crash before reply @ stock: POST /commit order-1.1.1 #1")
			},
		},
		grade.Step{
			Name: "a branch holds its amount, and an abort ends that, also if it comes first",
			Hint: "What is left of an account if all the prepared branches commit, and " +
				"what if all abort? And what must an abort leave behind for a prepare " +
				"that is still under way?",
			Try: func(t *grade.T) {
				heldTogether(t)
				t.Survives(exercise(slotFull()), ours(nil), "slot full")
				t.SurvivesEveryFault(exercise(theLastUnit()), ours(nil))
				t.Survives(exercise(success()), ours(nil), "success",
					"reply lost @ order → stock: POST /prepare order-1.1.1 #1",
					"delivered late @ order → stock: POST /prepare order-1.1.1 #1",
					"delivered at rest @ order → stock: POST /prepare order-1.1.1 #1")
				brokenPromise(t)
			},
		},
		grade.Step{
			Name: "in doubt, a participant asks, and waits",
			Hint: "Two participants have said yes. One hears the decision, the other " +
				"hears nothing: which answers allow it to act?",
			Try: func(t *grade.T) {
				t.Survives(exercise(success()), ours(Ask), "success",
					"crash before @ order: commit POST /orders order-1 #1",
					"crash after @ order: commit POST /orders order-1 #1",
					"slow @ order: commit POST /orders order-1 #1",
					"partition @ order → stock: POST /commit order-1.1.1 #1")
			},
		},
		grade.Step{
			Name: "the coordinator dies: a decision is carried out, and all else is aborted",
			Hint: "What does the new process know of what the old one has decided, and " +
				"which participants it has told? And what of a transaction that it does " +
				"not know?",
			Try: func(t *grade.T) {
				t.Survives(exercise(success()), yours(nil), "success",
					"crash after @ order: commit POST /orders order-1 #1",
					"lost @ order → payment: POST /commit order-1.1.1 #1",
					"crash on reply @ order → payment: POST /commit order-1.1.1 #1",
					"partition @ order → delivery: POST /commit order-1.1.1 #1")
				t.Survives(exercise(success()), yours(Ask), "success",
					"crash before @ order: commit POST /orders order-1 #1")
			},
		},
		grade.Step{
			Name: "every single fault leaves every order whole",
			Hint: "At the moment of the fault, which vote and which decision are on a " +
				"disk? Every other one may be forgotten, and has to be asked for.",
			Try: func(t *grade.T) {
				t.SurvivesEveryFault(exercise(success(), slotFull(), theLastUnit()), yours(Ask))
			},
		},
		grade.Step{
			Name: "a pair of faults leaves it whole, too",
			Hint: "A message can come after everything that you thought was the end of " +
				"it.",
			Try: func(t *grade.T) {
				t.Survives(exercise(success()), yours(nil), "success",
					"crash after @ order: commit POST /orders order-1 #1"+
						" and lost @ order → stock: POST /commit order-1.1.1 #1",
					"crash after @ order: commit POST /orders order-1 #1"+
						" and crash before reply @ stock: POST /commit order-1.1.1 #1")
				t.Survives(exercise(success()), yours(Ask), "success",
					"crash before @ order: commit POST /orders order-1 #1"+
						" and lost @ stock → order: GET /transactions/order-1.1.1 #1",
					"delivered twice at once @ order → stock: POST /prepare order-1.1.1 #1"+
						" and slow @ stock: POST /prepare order-1.1.1 #2")
			},
		},
	)
}
