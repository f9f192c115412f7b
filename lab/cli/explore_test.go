package cli_test

import (
	"bytes"
	"io"
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

func TestAVariantThatNoTestExploresIsAnError(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: the tests of chapter 5 are built")
	}
	t.Parallel()
	c := lab.Chapter{
		Name:      "ch05-2pc",
		Variants:  []lab.Variant{{Name: "three-phase"}},
		Scenarios: []lab.Scenario{{Name: "success"}},
	}
	args := []string{"-variant", "three-phase", "-explore"}
	err := cli.Run(t.Context(), c, args, io.Discard, io.Discard)
	require.EqualError(t, err, "no test of ch05-2pc explores three-phase")
}
