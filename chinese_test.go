package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
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

// isOutput tells whether a block is what a program has written or typed. It is the same in
// each language; only commands have comments to translate.
func isOutput(block string) bool {
	isCode := strings.HasPrefix(block, "```") && !strings.HasPrefix(block, "```sh\n")
	return isCode || strings.HasPrefix(block, "<!-- generated")
}

func stampOf(english string) string {
	return fmt.Sprintf("<!-- en %.4x -->\n", sha256.Sum256([]byte(english)))
}

// stale returns the blocks of a page whose translation has not been looked at since they
// have changed: each with the stamp that it needs.
func stale(english, translation string) (list []string) {
	translated := blocks(translation)
	for i, block := range blocks(english) {
		if isOutput(block) {
			continue
		}
		if i >= len(translated) || stamp.FindString(translated[i]) != stampOf(block) {
			list = append(list, stampOf(block)+block)
		}
	}
	return list
}

// withOutput returns a translation with the outputs of the English page.
func withOutput(english, translation string) string {
	list := blocks(translation)
	for i, block := range blocks(english) {
		if isOutput(block) && i < len(list) {
			list[i] = block
		}
	}
	return strings.Join(list, "\n")
}

func TestEachTranslationIsThatOfTheEnglishPage(t *testing.T) {
	translations, err := filepath.Glob("*/README.zh.md")
	require.NoError(t, err)
	require.NotEmpty(t, translations)
	for _, name := range append(translations, "README.zh.md") {
		english, err := os.ReadFile(strings.TrimSuffix(name, ".zh.md") + ".md")
		require.NoError(t, err)
		chinese, err := os.ReadFile(name)
		require.NoError(t, err)
		list := stale(string(english), string(chinese))
		require.Empty(t, list, "look at these paragraphs again, and give their translations in "+
			name+" the stamps that stand before them here")
		require.Len(t, blocks(string(chinese)), len(blocks(string(english))), name)
		want := withOutput(string(english), string(chinese))
		if os.Getenv("UPDATE") != "" {
			require.NoError(t, os.WriteFile(name, []byte(want), 0o644))
			continue
		}
		require.Equal(t, want, string(chinese),
			"%s shows other runs than the English page; UPDATE=1 go test . copies them", name)
	}
}

// linked matches a Chinese word that is linked to its section of the glossary.
var linked = regexp.MustCompile(`\[(\p{Han}+)\]\((?:\.\./)?GLOSSARY\.md#([a-z-]+)\)`)

func TestATranslationUsesTheWordsOfTheGlossary(t *testing.T) {
	glossary, err := os.ReadFile("GLOSSARY.md")
	require.NoError(t, err)
	words := map[string]string{} // by section
	for section := range strings.SplitSeq(string(glossary), "\n## ") {
		name, text, _ := strings.Cut(section, "\n")
		words[strings.ReplaceAll(strings.ToLower(name), " ", "-")] = text
	}
	translations, err := filepath.Glob("*/README.zh.md")
	require.NoError(t, err)
	checked := 0
	for _, name := range translations {
		page, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, found := range linked.FindAllStringSubmatch(string(page), -1) {
			checked++
			isWord := regexp.MustCompile(`[|；，] ?` + found[1] + `[；，（ ]`)
			require.Regexp(t, isWord, words[found[2]], "%s: not the glossary's word", name)
		}
	}
	require.NotZero(t, checked)
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
