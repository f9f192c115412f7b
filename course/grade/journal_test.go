package grade

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/course/stub"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab/sim"
)

func TestOfWhatServicesLogTheMostTellingErrorIsTold(t *testing.T) {
	more := errors.New("and so on")
	late := stub.Error{File: "ch00-x/exercise/b.go", Line: 9}
	early := stub.Error{File: "ch00-x/exercise/a.go", Line: 20}
	plain, dying := errors.New("no such table"), fmt.Errorf("save: %w", sqlite.ErrNotBegun)
	unsent := fmt.Errorf("post: %w", sim.ErrDead)
	for name, c := range map[string]struct {
		logged []error
		told   error
	}{
		"of several, the first":                         {[]error{plain, more}, plain},
		"not what a process that is dying cannot begin": {[]error{dying, plain}, plain},
		"what is not written, before all else":          {[]error{plain, late}, late},
		"nor what a dead process cannot send":           {[]error{unsent, plain}, plain},
		"of that, what comes first in the files":        {[]error{late, early, late}, early},
	} {
		t.Run(name, func(t *testing.T) {
			j := &journal{}
			for _, err := range c.logged {
				j.note(err)
			}
			require.Equal(t, c.told, j.take())
			require.NoError(t, j.take(), "it was told already")
		})
	}
}
