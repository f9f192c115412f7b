package page

import (
	"fmt"
	"html"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/chroma/v2"
	formatter "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/alecthomas/chroma/v2/styles"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// highlight writes code with a class for each sort of word.
func highlight(w io.Writer, lexer chroma.Lexer, code string) error {
	if lexer == nil {
		lexer = lexers.Fallback
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, code)
	if err != nil {
		return fmt.Errorf("highlight code: %w", err)
	}
	f := formatter.New(formatter.WithClasses(true), formatter.WithPreWrapper(wrapper{}))
	return f.Format(w, styles.Fallback, tokens)
}

// wrapper is what stands around code: a wide block can be scrolled with the
// keyboard.
type wrapper struct{}

// Start implements formatter.PreWrapper.
func (wrapper) Start(bool, string) string { return `<pre class="chroma" tabindex="0"><code>` }

// End implements formatter.PreWrapper.
func (wrapper) End(bool) string { return `</code></pre>` }

// fence renders a code block. What follows the language names the file that it
// is an excerpt of: "go ch04-saga/order/order.go".
func fence(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := n.(*ast.FencedCodeBlock)
	language, about := "", ""
	if block.Info != nil {
		language, about, _ = strings.Cut(string(block.Info.Value(source)), " ")
	}
	code := strings.TrimRight(string(block.Lines().Value(source)), "\n")
	fmt.Fprint(w, `<figure class="code">`)
	if path.Ext(about) != "" {
		file := html.EscapeString(about)
		fmt.Fprintf(w, `<figcaption><a href="/%s">%s</a></figcaption>`, file, file)
	}
	if err := highlight(w, lexers.Get(language), code); err != nil {
		return ast.WalkStop, err
	}
	if language == "sh" {
		offerRuns(w, code)
	}
	fmt.Fprint(w, "</figure>\n")
	return ast.WalkSkipChildren, nil
}

var (
	command  = regexp.MustCompile(`(?m)^go run \./(\S+) (.*-(?:fault|scenario) .*)$`)
	argument = regexp.MustCompile(`-(fault|scenario|variant) (?:'([^']*)'|(\S+))`)
)

// offerRuns puts a button below a command that plays a scenario: the services
// beside the lesson can play it, too. A flag that is there twice has its values in
// one attribute, a line each.
func offerRuns(w io.Writer, code string) {
	for _, found := range command.FindAllStringSubmatch(code, -1) {
		given := map[string][]string{}
		for _, a := range argument.FindAllStringSubmatch(found[2], -1) {
			given[a[1]] = append(given[a[1]], a[2]+a[3])
		}
		fmt.Fprint(w, `<button type="button" class="beside" hidden`)
		for _, flag := range slices.Sorted(maps.Keys(given)) {
			values := html.EscapeString(strings.Join(given[flag], "\n"))
			fmt.Fprintf(w, ` data-%s="%s"`, flag, values)
		}
		fmt.Fprint(w, `>See it happen</button>`)
	}
}
