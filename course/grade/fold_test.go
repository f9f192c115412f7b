package grade

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRepeatedLinesOfADrawingAreFolded(t *testing.T) {
	for drawing, want := range map[string]string{
		"":                       "",
		"a\nb\n":                 "a\nb\n",
		"a\na\nb\n":              "a\na\nb\n",
		"a\na\na\nb\n":           "a   (×3)\nb\n",
		"h\na\nb\na\nb\na\nb\nc": "h\na\nb   (×3)\nc",
		"a\nb\na\nb\n":           "a\nb\na\nb\n",
	} {
		require.Equal(t, want, fold(drawing), "%q", drawing)
	}
}
