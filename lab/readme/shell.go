package readme

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// Split splits a command into words as a POSIX shell does. It refuses what only a shell
// could do: a command means the same in every shell, and in none.
func Split(command string) ([]string, error) {
	posix := syntax.NewParser(syntax.Variant(syntax.LangPOSIX), syntax.KeepComments(true))
	file, err := posix.Parse(strings.NewReader(command), "")
	if err != nil {
		return nil, err
	}
	var words []*syntax.Word
	syntax.Walk(file, func(n syntax.Node) bool {
		if word, ok := n.(*syntax.Word); ok {
			words = append(words, word)
		}
		if err == nil && needsShell(n) {
			const only = "only a shell could do %s, and none runs this: " +
				"put it in single quotes if it is meant as it stands"
			err = fmt.Errorf(only, command[n.Pos().Offset():n.End().Offset()])
		}
		return err == nil
	})
	if err == nil && len(words) == 0 {
		err = errors.New("an empty command")
	}
	if err != nil {
		return nil, err
	}
	return expand.Fields(&expand.Config{}, words...) // without one, all calls would share one
}

// What a shell replaces in a word, and what some shells replace in double quotes.
var (
	special       = regexp.MustCompile(`^(?:[^\\]|\\.)*?(?:[][*?{}~!$]|\\$)`)
	specialQuoted = regexp.MustCompile(`!`)
)

// needsShell tells whether a part of a command is more than words.
func needsShell(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.File:
		return len(n.Stmts) > 1
	case *syntax.Stmt:
		return n.Negated || n.Background || n.Semicolon.IsValid()
	case *syntax.Word:
		return anyLiteral(n.Parts, special)
	case *syntax.DblQuoted:
		return anyLiteral(n.Parts, specialQuoted)
	case *syntax.CallExpr, *syntax.Lit, *syntax.SglQuoted, nil:
		return false
	}
	return true
}

func anyLiteral(parts []syntax.WordPart, matches *regexp.Regexp) bool {
	return slices.ContainsFunc(parts, func(part syntax.WordPart) bool {
		literal, ok := part.(*syntax.Lit)
		return ok && matches.MatchString(literal.Value)
	})
}
