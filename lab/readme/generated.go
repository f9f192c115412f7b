package readme

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
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

// findRegions finds the markers, save those that a code block shows.
func (k *checker) findRegions() {
	var open *region
	number, stop := 0, 0
	for text := range bytes.Lines(k.source) {
		start := stop
		number, stop = number+1, stop+len(text)
		m := marker.FindSubmatch(text)
		if m == nil || k.inCode(start) {
			continue
		}
		ends := m[1] == nil
		switch {
		case ends && open == nil:
			k.fail(number, "this ends nothing")
		case ends:
			open.stop = start
			k.regions = append(k.regions, *open)
			open = nil
		case open != nil:
			k.fail(number, "the generated text above has no <!-- end -->")
		default:
			open = &region{name: string(m[1]), shape: m[2] != nil, line: number, start: stop}
		}
	}
	if open != nil {
		k.fail(open.line, "no <!-- end --> follows")
	}
}

// generatedAt tells whether what is at an offset is generated.
func (k *checker) generatedAt(offset int) bool {
	return slices.ContainsFunc(k.regions, func(r region) bool {
		return r.start <= offset && offset < r.stop
	})
}

// inCode tells whether an offset is in a code block.
func (l *lesson) inCode(offset int) bool {
	return slices.ContainsFunc(l.blocks, func(b block) bool {
		return len(b.lines) > 0 && b.start <= offset && offset < b.lines[len(b.lines)-1].stop
	})
}
