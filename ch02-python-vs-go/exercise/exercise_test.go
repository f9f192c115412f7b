package exercise

import (
	"testing"

	"example.com/dtx/course/grade"
)

func TestMain(m *testing.M) { grade.Main(m) }

func TestExercise(t *testing.T) {
	grade.Steps(t,
		grade.Step{
			Name: "a job is lent to one worker, and to the next when the time of the first is up",
			Hint: "A worker that is at a job and one that has died with it look alike, " +
				"except for one thing.",
			Try: requireLent,
		},
		grade.Step{
			Name: "a job is acknowledged when it is done, and not before",
			Hint: "Between any two lines of Work, let the process die, or the answer be " +
				"lost: who will do the job then?",
			Try: func(t *grade.T) {
				t.Survives(exercise(), yours(), "a receipt for ada",
					"crash @ jobs → mail: POST /send order-1 #1",
					"crash before reply @ mail: POST /send order-1 #1",
					"lost @ jobs → mail: POST /send order-1 #1",
					"crash on reply @ jobs → mail: POST /send order-1 #1")
				t.Survives(exercise(), yours(), "a receipt that cannot be delivered",
					"reply lost @ jobs → mail: POST /send order-1 #1")
			},
		},
		grade.Step{
			Name: "whatever single fault strikes, each letter is sent, and once",
			Hint: "Play the drawn run in your head, from the top: at the moment of the " +
				"fault, what does the job's record say?",
			Try: func(t *grade.T) { t.SurvivesEveryFault(exercise(), yours()) },
		},
		grade.Step{
			Name: "a schedule keeps to its grid, and makes up for one run of those it missed",
			Hint: "Count back from now to the last point of the grid: how far is it from " +
				"s.At, and what is left over?",
			Try: func(t *grade.T) { requireGrid(t, kill{}) },
		},
		grade.Step{
			Name: "a schedule survives its process, killed at each commit",
			Hint: "Two things are true of a run that has happened: it is in the queue, " +
				"and the next one is due. Can one be on the disk without the other?",
			Try: func(t *grade.T) {
				for n := 1; n <= requireGrid(t, kill{commit: n}); n++ {
					requireGrid(t, kill{commit: n, after: true})
				}
			},
		},
	)
}
