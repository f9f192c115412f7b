package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stamp stands before each block of a translation: the hash of the English block that it
// was made from.
var stamp = regexp.MustCompile(`^<!-- en ([0-9a-f]{8}) -->\n`)

// blocks cuts a page at its empty lines. A fence and a generated part are one block each.
func blocks(page string) (list []string) {
	var block []string
	inside := false
	for line := range strings.Lines(page) {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = !inside
		case strings.HasPrefix(line, "<!-- generated"):
			inside = true
		case line == "<!-- end -->\n":
			inside = false
		}
		if line != "\n" || inside {
			block = append(block, line)
			continue
		}
		if block != nil {
			list = append(list, strings.Join(block, ""))
		}
		block = nil
	}
	return append(list, strings.Join(block, ""))
}

// stale returns the blocks of a page whose translation has not been looked at since they
// have changed: each with the stamp that it needs. Generated tables are the same in both.
func stale(english, translation string) (list []string) {
	translated := blocks(translation)
	for i, block := range blocks(english) {
		want := fmt.Sprintf("<!-- en %.4x -->\n", sha256.Sum256([]byte(block)))
		if strings.HasPrefix(block, "<!-- generated") {
			continue
		}
		if i >= len(translated) || stamp.FindString(translated[i]) != want {
			list = append(list, want+block)
		}
	}
	return list
}

func TestTheChineseReadmeIsThatOfTheEnglishOne(t *testing.T) {
	english, err := os.ReadFile("README.md")
	require.NoError(t, err)
	chinese, err := os.ReadFile("README.zh.md")
	require.NoError(t, err)
	list := stale(string(english), string(chinese))
	require.Empty(t, list, "look at these paragraphs again, and give their translations in "+
		"README.zh.md the stamps that stand before them here")
	require.Len(t, blocks(string(chinese)), len(blocks(string(english))))
}

func TestATranslationOfAChangedParagraphIsStale(t *testing.T) {
	english := "# One\n\nTwo\nlines.\n\n```sh\na\n\nb\n```\n"
	var translation strings.Builder
	for _, block := range stale(english, "") {
		translation.WriteString(block + "\n")
	}
	require.Empty(t, stale(english, translation.String()))
	changed := strings.Replace(english, "lines", "rows", 1)
	require.Len(t, stale(changed, translation.String()), 1)
	require.Contains(t, stale(changed, translation.String())[0], "Two\nrows.")
}
