package exercise

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strings"

	"github.com/stretchr/testify/require"

	"example.com/dtx/course/grade"
	"example.com/dtx/course/study"
)

// answer is the cause of a run's damage, and the question for a student that names another.
// The cause is a code, so that a look into this file gives nothing away.
type answer struct{ code, question string }

func codeOf(run int, cause Cause) string {
	return fmt.Sprintf("%.4x", sha256.Sum256(fmt.Appendf(nil, "%d %s", run, cause)))
}

func answers() []answer {
	return []answer{
		{"42cbdb49", "order is up again and does nothing. What record would it need, to go on " +
			"or to undo?"},
		{"be8dc56d", "payment has committed, and its answer is lost. What did order know when " +
			"it told ada 409?"},
		{"36ad2103", "ada is right to ask again with the same key. Which services should know " +
			"the key?"},
		{"4381cc14", "order wanted to give the units back, and its request never left. Whose " +
			"context was it?"},
		{"d2350b84", "Nothing is lost here: a request is slow. As in run 2: what did order " +
			"conclude from silence?"},
		{"0f61f3f0", "There is no fault, only two orders. What was the no based on? Was it so " +
			"in the end?"},
	}
}

// requireCauses compares the student's causes, run by run.
func requireCauses(t *grade.T) {
	t.Helper()
	for i, a := range answers() {
		file := fmt.Sprintf("runs/%d.txt", i+1)
		cause, err := CauseOf(i + 1)
		t.NoError(err)
		if codeOf(i+1, cause) == a.code {
			continue
		}
		drawn, err := os.ReadFile(file)
		require.NoError(t, err)
		found := []string{a.question}
		if cause == NetworkFails {
			found = append(found, "(Networks do lose messages. "+
				"The question is what the program made of it.)")
		}
		t.FailWith(study.Finding{
			Done:   fmt.Sprintf("of run %d you say: %q", i+1, string(cause)),
			Found:  found,
			Sketch: strings.TrimRight(string(drawn), "\n"),
			Drawn:  "ch01-overview/exercise/" + file,
		})
	}
}
