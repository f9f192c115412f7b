package grade

import (
	"fmt"
	"os"

	"example.com/dtx/course/seal"
)

// sealed is how a step's verdict reaches the grader of a class, past the student's code.
// It is a variable of the package because it is read when the package is initialized: a
// student's package imports this one, so no line of the student's has run by then.
var sealed = inherited()

func inherited() seal.Seal {
	s, err := seal.Inherited()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return s
}
