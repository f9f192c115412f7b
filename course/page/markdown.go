package page

import (
	"bytes"
	"fmt"
	"html/template"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// lesson is a Markdown file, rendered.
type lesson struct {
	Title string
	HTML  template.HTML
}

// newMarkdown renders the course's own files, whose HTML is welcome: they come
// from the same folder as this program.
func newMarkdown(lang string) goldmark.Markdown {
	extensions := []goldmark.Extender{
		extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
	}
	if lang == "zh" { // no space between two lines
		extensions = append(extensions, extension.NewCJK(extension.WithEastAsianLineBreaks()))
	}
	return goldmark.New(
		goldmark.WithExtensions(extensions...),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(
			html.WithUnsafe(), renderer.WithNodeRenderers(util.Prioritized(nodes{}, 100)),
		),
	)
}

// read renders a Markdown file in a language.
func read(source []byte, lang string) (lesson, error) {
	md := newMarkdown(lang)
	doc := md.Parser().Parse(text.NewReader(source))
	var out bytes.Buffer
	if err := md.Renderer().Render(&out, source, doc); err != nil {
		return lesson{}, fmt.Errorf("render Markdown: %w", err)
	}
	return lesson{
		Title: title(source),
		HTML:  template.HTML(tables(out.String())),
	}, nil
}

// title is what a file's first heading says.
func title(source []byte) string {
	for line := range bytes.Lines(source) {
		if bytes.HasPrefix(line, []byte("#")) {
			return string(bytes.TrimSpace(bytes.TrimLeft(line, "#")))
		}
	}
	return ""
}

// questions counts what a lesson asks before it answers.
func questions(source []byte) int { return bytes.Count(source, []byte("\n<details><summary>")) }

var (
	emptyHead = regexp.MustCompile(`<th([^>]*)></th>`)
	around    = strings.NewReplacer(
		`<table>`, `<div class="wide" tabindex="0" role="group" aria-label="table"><table>`,
		`</table>`, `</table></div>`,
	)
)

// tables lets wide tables scroll by themselves, with the keyboard, too.
func tables(page string) string {
	return around.Replace(emptyHead.ReplaceAllString(page, "<td$1></td>"))
}

// nodes renders what looks otherwise here than on GitHub.
type nodes struct{}

func (nodes) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, fence)
	r.Register(ast.KindImage, figure)
}

// figure shows a picture, and links to it: there it has all the room there is.
func figure(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	image := n.(*ast.Image)
	var words bytes.Buffer
	for c := image.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			words.Write(t.Value(source))
		}
	}
	address := util.EscapeHTML(image.Destination)
	fmt.Fprintf(w, `<a class="figure" href="%s"><img src="%s" alt="%s"></a>`,
		address, address, util.EscapeHTML(words.Bytes()))
	return ast.WalkSkipChildren, nil
}
