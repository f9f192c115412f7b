package readme

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// attribute finds what raw HTML links to: GitHub shows <picture> and <img>.
var attribute = regexp.MustCompile(`\b(?:src|srcset|href)="([^"\s]+)`)

// checkLinks follows every link that stays in the repository.
func (k *checker) checkLinks() {
	k.walk(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Link:
			k.checkLink(k.lineOf(n), string(n.Destination), false)
		case *ast.Image:
			k.checkLink(k.lineOf(n), string(n.Destination), true)
		case *ast.HTMLBlock:
			k.checkHTML(n.Lines())
		case *ast.RawHTML:
			k.checkHTML(n.Segments)
		}
	})
}

func (k *checker) checkHTML(lines *text.Segments) {
	for i := range lines.Len() {
		s := lines.At(i)
		for _, found := range attribute.FindAllSubmatch(s.Value(k.source), -1) {
			isImage := strings.HasPrefix(string(found[0]), "src")
			k.checkLink(k.lineAt(s.Start), string(found[1]), isImage)
		}
	}
}

// checkLink follows one link. A picture that is drawn must be one that a test
// draws.
func (k *checker) checkLink(line int, link string, picture bool) {
	u, err := url.Parse(link)
	switch {
	case err != nil:
		k.fail(line, "the link %s: %v", link, err)
		return
	case u.Scheme != "" || u.Host != "":
		return
	}
	file := k.name
	if u.Path != "" {
		file = path.Join(path.Dir(k.name), u.Path)
	}
	if err := k.there(file, u.Fragment); err != nil {
		k.fail(line, "the link %s is dead: %v", link, err)
		return
	}
	if picture && path.Ext(file) == ".svg" && k.drawnBy(file) == k.name && !k.draws(file) {
		k.fail(line, "no test draws %s: name it in Config.Figures", link)
	}
}

// draws tells whether a file is one of the README's own figures.
func (k *checker) draws(file string) bool {
	for name := range k.Figures {
		if path.Join(path.Dir(k.name), name) == file {
			return true
		}
	}
	return false
}

// there tells whether a file exists, and in Markdown the heading, too.
func (k *checker) there(file, anchor string) error {
	if !fs.ValidPath(file) {
		return fmt.Errorf("it leaves the repository")
	}
	info, err := fs.Stat(k.files, file)
	if err != nil {
		return cause(err)
	}
	if info.IsDir() || anchor == "" || path.Ext(file) != ".md" {
		return nil
	}
	source, err := fs.ReadFile(k.files, file)
	if err != nil {
		return cause(err)
	}
	if !parse(file, source).anchors()[anchor] {
		return fmt.Errorf("%s has no heading #%s", file, anchor)
	}
	return nil
}

// anchors returns the names that GitHub gives to the headings.
func (l *lesson) anchors() map[string]bool {
	names := map[string]bool{}
	l.walk(func(n ast.Node) {
		h, ok := n.(*ast.Heading)
		if !ok {
			return
		}
		name := slug(l.plain(h))
		free := name
		for i := 1; names[free]; i++ {
			free = fmt.Sprintf("%s-%d", name, i)
		}
		names[free] = true
	})
	return names
}

// slug returns a heading as it stands in a link.
func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// plain returns the text below a node.
func (l *lesson) plain(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch t := c.(type) {
		case *ast.Text:
			b.Write(t.Value(l.source))
		default:
			b.WriteString(l.plain(c))
		}
	}
	return b.String()
}

// lineOf returns the line of a link or an image.
func (l *lesson) lineOf(n ast.Node) int { return l.lineAt(max(0, n.Pos())) }
