package style

import (
	"fmt"
	"go/ast"
	"go/token"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// comments finds the comments that break a rule.
func comments(file *ast.File) iter.Seq2[token.Pos, string] {
	found := map[token.Pos]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			begins(found, n.Doc, n.Name)
		case *ast.GenDecl:
			for _, spec := range n.Specs {
				declared(found, n, spec)
			}
		case *ast.StructType:
			for _, field := range n.Fields.List {
				goesOn(found, field)
			}
		}
		return true
	})
	return maps.All(found)
}

// declared checks the comments of a type, a constant or a variable. A comment on
// a group in parentheses is about no single identifier.
func declared(found map[token.Pos]string, group *ast.GenDecl, spec ast.Spec) {
	doc := group.Doc
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if group.Lparen.IsValid() {
			doc = s.Doc
		}
		begins(found, doc, s.Name)
	case *ast.ValueSpec:
		if group.Lparen.IsValid() {
			doc = s.Doc
		}
		begins(found, doc, s.Names...)
	}
}

// begins requires that a comment begins with one of the names.
func begins(found map[token.Pos]string, doc *ast.CommentGroup, names ...*ast.Ident) {
	text := strings.TrimSpace(doc.Text())
	if text == "" {
		return
	}
	first := strings.FieldsFunc(text, func(r rune) bool {
		return strings.ContainsRune(" \n,.:;'’()[]", r)
	})
	if slices.Contains([]string{"A", "An", "The"}, first[0]) {
		first = first[1:]
	}
	for _, name := range names {
		if len(first) > 0 && first[0] == name.Name {
			return
		}
	}
	const wrong = "the comment on %s does not begin with that name"
	found[doc.Pos()] = fmt.Sprintf(wrong, names[0].Name)
}

// fragment is how a comment begins that is the rest of a sentence: with a verb, a
// preposition or a pronoun, in lower case.
var fragment = regexp.MustCompile(`^(is|are|was|were|has|have|had|can|may|must|will|does|do|did|` +
	`it|they|he|she|we|you|people|that|which|who|whose|` +
	`of|in|to|by|at|on|from|with|for|as|so|and|or|until|before|after|since|because|than)\b`)

// goesOn requires that a field's comment is not the rest of a sentence that
// begins with the field's name.
func goesOn(found map[token.Pos]string, field *ast.Field) {
	for _, comment := range []*ast.CommentGroup{field.Doc, field.Comment} {
		word := fragment.FindString(strings.TrimSpace(comment.Text()))
		if word != "" {
			const wrong = "the comment goes on where the field's name stops: %q"
			found[comment.Pos()] = fmt.Sprintf(wrong, word)
		}
	}
}
