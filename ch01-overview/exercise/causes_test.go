package exercise

import (
	"fmt"
	"os"
	"strings"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/grade"
)

// answer is the cause of a run's damage, and the question for a student that names another.
type answer struct {
	cause    Cause
	question string
}

func answers() []answer {
	return []answer{
		{NothingRecorded, "order is up again and does nothing. What record would it need, to go on or to undo?"},
		{SilenceIsNo, "payment has committed, and its answer is lost. What did order know when it told ada 409?"},
		{DoneAgain, "ada is right to ask again with the same key. Which services should know the key?"},
		{OnCallersTime, "order wanted to give the units back, and its request never left. Whose context was it?"},
		{SilenceIsNo, "Nothing is lost here: a request is slow. As in run 2: what did order conclude from silence?"},
		{HalfSeen, "There is no fault, only two orders. What was the no based on? Was it so in the end?"},
	}
}

// requireCauses compares the student's causes, run by run.
func requireCauses(t *grade.T) {
	t.Helper()
	for i, a := range answers() {
		file := fmt.Sprintf("runs/%d.txt", i+1)
		cause, err := CauseOf(i + 1)
		if err != nil {
			t.Fatal(err)
		}
		if cause == a.cause {
			continue
		}
		drawn, err := os.ReadFile(file)
		require.NoError(t, err)
		question := a.question
		if cause == NetworkFails {
			question += "\n         (Networks do lose messages. The question is what the program made of it.)"
		}
		t.Wrong(fmt.Sprintf("of run %d you say: %q", i+1, string(cause)),
			question+"\n\n"+strings.TrimRight(string(drawn), "\n")+"\n\ndrawn    ch01-overview/exercise/"+file)
	}
}
