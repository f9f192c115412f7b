package readme

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// lesson is a parsed README.
type lesson struct {
	name   string // its path from the root, with slashes
	source []byte
	doc    ast.Node
	blocks []block
}

// block is a code block. An indented one has no language.
type block struct {
	language string // the first word of the info string
	about    string // the others
	start    int    // offset in the source
	line     int    // the fence's line, from 1
	lines    []line
}

// line is a line of a code block.
type line struct {
	text   string
	prefix string // what stands before it in the source: an indentation, a quote
	stop   int    // offset of the next line
	number int
}

func parse(name string, source []byte) *lesson {
	l := &lesson{name: name, source: source}
	l.doc = goldmark.DefaultParser().Parse(text.NewReader(source))
	l.walk(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			l.blocks = append(l.blocks, l.fenced(n))
		case *ast.CodeBlock:
			l.blocks = append(l.blocks, l.block(n))
		}
	})
	return l
}

// walk visits all nodes of the document, in its order.
func (l *lesson) walk(visit func(ast.Node)) {
	_ = ast.Walk(l.doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			visit(n)
		}
		return ast.WalkContinue, nil
	})
}

func (l *lesson) fenced(n *ast.FencedCodeBlock) block {
	b := l.block(n)
	if n.Info != nil {
		info := string(n.Info.Segment.Value(l.source))
		b.language, b.about, _ = strings.Cut(strings.Join(strings.Fields(info), " "), " ")
	}
	return b
}

func (l *lesson) block(n ast.Node) block {
	b := block{start: n.Pos()}
	b.line = l.lineAt(b.start)
	for i := range n.Lines().Len() {
		s := n.Lines().At(i)
		begin := bytes.LastIndexByte(l.source[:s.Start], '\n') + 1
		b.lines = append(b.lines, line{
			text:   strings.TrimRight(string(s.Value(l.source)), "\r\n"),
			prefix: string(l.source[begin:s.Start]),
			stop:   s.Stop,
			number: l.lineAt(s.Start),
		})
	}
	return b
}

// lineAt returns the number of the line at an offset.
func (l *lesson) lineAt(offset int) int { return 1 + bytes.Count(l.source[:offset], []byte("\n")) }
