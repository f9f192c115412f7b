package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatCannotBeMeantIsRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-list", "-serve", "go"},
		{"-experiment", "nothing"},
		{"-mistake", "nothing"},
		{"-serve", "cobol"},
		{"-serve", "go", "stdlib"},
		{"-list", "-save"},
		{"-nonsense"},
	} {
		err := run(t.Context(), args, io.Discard, io.Discard)
		require.ErrorAs(t, err, new(usageError), "%q", args)
	}
}

func TestTheListNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-list"}, &said, io.Discard))
	for _, e := range experiments() {
		require.Contains(t, said.String(), e.name)
	}
	require.Contains(t, said.String(), "naive-datetime")
	require.Contains(t, said.String(), "what a client has an answer for is not lost by kill -9")
}
