package readme

import (
	"maps"
	"regexp"
	"slices"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

var marker = regexp.MustCompile(`^<!-- (?:end|generated (\S+)( shape)?) -->\s*$`)

// region is a text between <!-- generated NAME --> and <!-- end -->, source
// [start:stop]. With the word shape, its numbers and widths are not compared.
type region struct {
	name        string
	shape       bool
	line        int
	start, stop int
}

// checkGenerated compares what is generated with what it should be.
func (k *checker) checkGenerated() {
	used := map[string]bool{}
	k.findRegions()
	for _, r := range k.regions {
		used[r.name] = true
		if _, ok := k.Generated[r.name]; !ok {
			k.fail(r.line, "the test generates no %q", r.name)
			continue
		}
		k.checkRegion(r)
	}
	for _, name := range slices.Sorted(maps.Keys(k.Generated)) {
		if !used[name] {
			k.fail(0, "the test generates %q, and no <!-- generated %[1]s --> asks for it", name)
		}
	}
}

func (k *checker) checkRegion(r region) {
	text := textLines(k.Generated[r.name])
	shown, now := textLines(string(k.source[r.start:r.stop])), text
	if r.shape {
		shown, now = shape(shown), shape(now)
	}
	switch {
	case slices.Equal(shown, now):
	case k.Update:
		k.edits = append(k.edits, edit{r.start, r.stop, joined(text, "")})
	default:
		const stale = "%q is generated otherwise now; UPDATE=1 writes it anew:\n%s"
		k.fail(r.line, stale, r.name, diff(shown, now))
	}
}

// findRegions finds the markers. They stand in HTML of their own: in no code, list or quote.
func (k *checker) findRegions() {
	var open *region
	for n := k.doc.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Kind() != ast.KindHTMLBlock {
			continue
		}
		for i := range n.Lines().Len() {
			open = k.mark(open, n.Lines().At(i))
		}
	}
	if open != nil {
		k.fail(open.line, "no <!-- end --> follows")
	}
}

// mark reads a line of HTML that may be a marker. It returns the region that is open
// after it.
func (k *checker) mark(open *region, s text.Segment) *region {
	m, line := marker.FindSubmatch(s.Value(k.source)), k.lineAt(s.Start)
	ends := m != nil && m[1] == nil
	switch {
	case m == nil:
	case ends && open == nil:
		k.fail(line, "this ends nothing")
	case ends:
		open.stop = s.Start
		k.regions = append(k.regions, *open)
		return nil
	case open != nil:
		k.fail(line, "the generated text above has no <!-- end -->")
	default:
		return &region{name: string(m[1]), shape: m[2] != nil, line: line, start: s.Stop}
	}
	return open
}

// generatedAt tells whether what is at an offset is generated.
func (k *checker) generatedAt(offset int) bool {
	return slices.ContainsFunc(k.regions, func(r region) bool {
		return r.start <= offset && offset < r.stop
	})
}
