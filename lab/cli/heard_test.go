package cli_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
)

func TestAnExperimentThatIsSilentIsSaidToBeAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := lab.Experiment{Name: "slow", Run: func(context.Context, *lab.Teller) error {
			time.Sleep(5 * time.Second)
			return nil
		}}
		c := lab.Chapter{
			Variants: []lab.Variant{{Name: "alone"}}, Scenarios: []lab.Scenario{{Name: "none"}},
			Experiments: []lab.Experiment{slow},
		}
		var out, said bytes.Buffer
		args := []string{"-experiment", "slow"}
		require.NoError(t, cli.Run(t.Context(), c, args, &out, &said))
		const line = `^… 4 s \(at work.*\)\n$` // its title is heard before
		require.Regexp(t, line, said.String())
	})
}
