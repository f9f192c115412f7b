package cli_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
)

func TestOneVariantCanBeExplored(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: the tests of chapter 1 are built")
	}
	t.Parallel()
	c := lab.Chapter{
		Name:      "ch01-overview",
		Variants:  []lab.Variant{{Name: "monolith"}, {Name: "services"}},
		Scenarios: []lab.Scenario{{Name: "success"}},
	}
	var out, said bytes.Buffer
	args := []string{"-variant", "monolith", "-explore"}
	require.NoError(t, cli.Run(t.Context(), c, args, &out, &said))
	require.Contains(t, out.String(), "score: variant=monolith")
	require.NotContains(t, out.String(), "score: variant=services")
}
