package cli_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/event"
)

func TestTheDamageOfAMistakeIsSaidOnce(t *testing.T) {
	verdict := func(text string) event.Event {
		return event.Event{Kind: event.Verdict, Data: event.Data{Text: text}}
	}
	for _, run := range [][]event.Event{
		nil,
		{verdict("stuck: tea is locked")},
		{verdict("stuck: salt is locked")},
		{verdict("stuck: salt is locked"), verdict("stuck: tea is locked")},
	} {
		var said bytes.Buffer
		out := lab.NewTeller(&said)
		d := lab.Damage{Damage: "stuck", Text: "tea is locked", Events: run}
		require.NoError(t, cli.TellDamage(lab.Chapter{}, out, d, out.Draw))
		require.Equal(t, 1, strings.Count(said.String(), "stuck: tea is locked"), "%v", run)
	}
}
