package exercise

import (
	"fmt"
	"os"
	"strings"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/grade"
)

// answer is the cause of a run's damage, and what a student is told who sees another.
type answer struct {
	cause    Cause
	question string
}

func answers() []answer {
	return []answer{
		{NothingRecorded, "order is up again, and healthy, and does nothing. What would it have needed to find, to go on or to undo?"},
		{SilenceIsNo, "payment has committed, and only its answer is lost. What did order know of that, at the moment when it told ada 409?"},
		{DoneAgain, "ada did what is right: she asked again, with the same key. Who should have known the key?"},
		{OnCallersTime, "order wanted to give the units back, and its request never left. Whose patience was it spending?"},
		{SilenceIsNo, "Nothing is lost here, a request is slow. Compare it with run 2: what did order make of having no answer?"},
		{HalfSeen, "No fault at all, only two orders. One customer was told no: what did that answer rest on, and was it still so in the end?"},
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
			question += "\n         (Networks do lose messages. What is asked for is what the program made of it.)"
		}
		t.Wrong(fmt.Sprintf("of run %d you say: %q", i+1, string(cause)),
			question+"\n\n"+strings.TrimRight(string(drawn), "\n")+"\n\ndrawn    ch01-overview/exercise/"+file)
	}
}
