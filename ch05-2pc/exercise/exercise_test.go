package exercise

import (
	"testing"

	"example.com/dtx/lab/grade"
)

func TestMain(m *testing.M) { grade.Main(m) }

func TestExercise(t *testing.T) {
	grade.Steps(t,
		grade.Step{
			Name: "a promise is kept, and kept once",
			Hint: "A prepare that comes again is answered as before. From what does the participant know the answer that it gave?",
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
			Name: "a promise locks, and an abort unlocks, also if it comes first",
			Hint: "Who else may want the account before the decision is known, and is what is locked gone already? And what must an abort leave behind for a prepare that is still under way?",
			Try: func(t *grade.T) {
				t.Survives(exercise(slotFull()), ours(nil), "slot full")
				t.SurvivesEveryFault(exercise(theLastUnit(), theSameRows()), ours(nil))
				t.Survives(exercise(success()), ours(nil), "success",
					"reply lost @ order → stock: POST /prepare order-1.1.1 #1",
					"delivered late @ order → stock: POST /prepare order-1.1.1 #1",
					"delivered at rest @ order → stock: POST /prepare order-1.1.1 #1")
				brokenPromise(t)
			},
		},
		grade.Step{
			Name: "in doubt, a participant asks, and waits",
			Hint: "Two participants have said yes. One hears the decision, the other hears nothing: which answers allow it to act?",
			Try: func(t *grade.T) {
				t.Survives(exercise(success()), ours(Ask), "success",
					"crash before @ order: commit POST /orders order-1 #1",
					"crash after @ order: commit POST /orders order-1 #1",
					"slow @ order: commit POST /orders order-1 #1",
					"partition @ order → stock: POST /commit order-1.1.1 #1")
			},
		},
		grade.Step{
			Name: "the coordinator dies: what it decided is carried out, and what it did not is aborted",
			Hint: "What does the new process know of what the old one has decided, and told, and to whom? And what of a transaction that it does not know at all?",
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
			Hint: "At the moment of the fault, which vote and which decision are on a disk? Every other one may be forgotten, and has to be asked for.",
			Try: func(t *grade.T) {
				t.SurvivesEveryFault(exercise(success(), slotFull(), theLastUnit()), yours(Ask))
			},
		},
		grade.Step{
			Name: "a pair of faults leaves it whole, too",
			Hint: "A message can come after everything that you thought was the end of it.",
			Try: func(t *grade.T) {
				t.Survives(exercise(success()), yours(nil), "success",
					"crash after @ order: commit POST /orders order-1 #1 and lost @ order → stock: POST /commit order-1.1.1 #1",
					"crash after @ order: commit POST /orders order-1 #1 and crash before reply @ stock: POST /commit order-1.1.1 #1")
				t.Survives(exercise(success()), yours(Ask), "success",
					"crash before @ order: commit POST /orders order-1 #1 and lost @ stock → order: GET /transactions/order-1.1.1 #1",
					"delivered twice at once @ order → stock: POST /prepare order-1.1.1 #1 and slow @ stock: POST /prepare order-1.1.1 #2")
			},
		},
	)
}
