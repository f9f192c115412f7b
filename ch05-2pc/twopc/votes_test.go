package twopc_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
)

func TestEveryVoteCounts(t *testing.T) {
	heard := twopc.Heard
	yes, reads := heard(twopc.Yes, nil), heard(twopc.ReadOnly, nil)
	no := heard("", httpapi.OutOfStock.With(""))
	silent := heard("", errors.New("no answer"))
	locked := heard("", httpapi.Locked.With(""))
	reused := heard("", httpapi.KeyReused.With(""))
	unread := heard("", httpapi.Malformed.With(""))
	for name, row := range map[string]struct {
		votes      []twopc.Said
		yes, maybe string
		err        error
	}{
		"all vote yes":              {votes: []twopc.Said{yes, yes}, yes: "a b"},
		"one has only read":         {votes: []twopc.Said{reads, yes}, yes: "b"},
		"all have only read":        {votes: []twopc.Said{reads, reads}},
		"one refuses":               {[]twopc.Said{yes, no}, "a", "", httpapi.OutOfStock},
		"one refuses first":         {[]twopc.Said{no, yes}, "b", "", httpapi.OutOfStock},
		"one is silent":             {[]twopc.Said{yes, silent}, "a", "b", httpapi.Unavailable},
		"a no stands over silence":  {[]twopc.Said{no, silent}, "", "b", httpapi.OutOfStock},
		"silence, and then a no":    {[]twopc.Said{silent, no}, "", "a", httpapi.OutOfStock},
		"one is locked":             {[]twopc.Said{locked, yes}, "b", "", httpapi.Unavailable},
		"the ID is known":           {[]twopc.Said{reused, yes}, "b", "", httpapi.Unavailable},
		"one cannot read it":        {[]twopc.Said{unread, yes}, "b", "a", httpapi.Unavailable},
		"a no stands over a lock":   {[]twopc.Said{no, locked}, "", "", httpapi.OutOfStock},
		"a no stands over an ID":    {[]twopc.Said{no, reused}, "", "", httpapi.OutOfStock},
		"an answer that is no vote": {[]twopc.Said{heard("", nil)}, "", "a", httpapi.Unavailable},
		"another word":              {[]twopc.Said{heard("no", nil)}, "", "a", httpapi.Unavailable},
		"a yes that cannot be read": {[]twopc.Said{heard(twopc.Yes, errors.New("more"))}, "",
			"a", httpapi.Unavailable},
		"a read that cannot be read": {[]twopc.Said{heard(twopc.ReadOnly, errors.New("more"))}, "",
			"a", httpapi.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			branches := []twopc.Branch{{Participant: "a"}, {Participant: "b"}}
			yes, maybe, err := twopc.Tally(branches[:len(row.votes)], row.votes)
			require.Equal(t, row.yes, strings.Join(yes, " "), "those that have voted yes")
			require.Equal(t, row.maybe, strings.Join(maybe, " "), "those that may be prepared")
			require.ErrorIs(t, err, row.err)
		})
	}
}

func TestAnIDIsReadAsItIsWritten(t *testing.T) {
	for _, id := range []twopc.ID{
		{Order: "order-1", Epoch: 1, Attempt: 1}, {Order: "a.b", Epoch: 12, Attempt: 305},
		{Order: ".", Epoch: 1, Attempt: 2},
	} {
		read, ok := twopc.ParseID(id.String())
		require.True(t, ok, id)
		require.Equal(t, id, read)
	}
	for _, text := range []string{
		"", "order-1", "order-1.1", ".1.1", "order-1.0.1", "order-1.1.0", "order-1.-1.1",
		"order-1.1.-1", "order-1.01.1", "order-1.1.01", "order-1.1.x", "order-1.x.1",
		"order-1.1.99999999999999999999",
	} {
		_, ok := twopc.ParseID(text)
		require.False(t, ok, text)
	}
}
