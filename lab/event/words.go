package event

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is what is written beside an event's mark.
func (e Event) word() string {
	switch {
	case e.Data.Text != "":
		return printable(e.Data.Text)
	case e.Kind == Crash && e.Data.Fault != "":
		return printable(e.Data.Fault)
	}
	return printable(string(e.Kind))
}

// remark is what is written at the end of an event's row.
func (e Event) remark() string { return shorten(printable(e.Data.Fault), maxRemark) }

// label is what is written on a message where it is sent.
func (m *message) label() string {
	if m.number == 0 {
		return m.text
	}
	return m.text + " " + m.tag()
}

// within is the label, with its text cut to a width.
func (m *message) within(most int) string {
	cut := *m
	cut.text = shorten(m.text, most-(width(m.label())-width(m.text)))
	return cut.label()
}

// tag is what is written where a message ends, if that is not where it is sent.
func (m *message) tag() string {
	if m.number == 0 {
		return m.text
	}
	return "(" + strconv.Itoa(m.number) + ")"
}

// join puts two remarks into one, and says nothing twice.
func join(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return a + ", " + b
}

// printable makes a text safe for a terminal: one line, no control characters.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, text)
}

// width counts characters.
func width(text string) int { return utf8.RuneCountInString(text) }

// shorten cuts a text to a width. What it begins with says most.
func shorten(text string, most int) string {
	switch {
	case width(text) <= most:
		return text
	case most < 1:
		return ""
	}
	return strings.TrimRight(string([]rune(text)[:most-1]), " ") + "…"
}

// wrap breaks a text between words, so that its lines keep to a width. A single
// word that is longer is cut.
func wrap(text string, most int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		word = shorten(word, most)
		switch {
		case line == "":
			line = word
		case width(line)+1+width(word) <= most:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}
