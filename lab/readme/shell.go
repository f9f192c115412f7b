package readme

import (
	"errors"
	"fmt"
	"strings"
)

// What a shell would do more than split words with. A README has to do without
// it, so that a command means the same in every shell, and in none.
const (
	special       = "|&;<>()$`*?[]{}#~!"
	specialQuoted = "$`!"
)

// Split splits a command into words as a POSIX shell does: single quotes,
// double quotes, backslash. It refuses what only a shell could do.
func Split(command string) ([]string, error) {
	s := splitter{rest: command}
	for s.rest != "" {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	s.end()
	if len(s.words) == 0 {
		return nil, errors.New("an empty command")
	}
	if strings.Contains(s.words[0], "=") {
		return nil, fmt.Errorf("%s: no shell runs this, so it cannot set variables", s.words[0])
	}
	return s.words, nil
}

// splitter is in or between words. An empty pair of quotes is a word, too.
type splitter struct {
	rest  string
	words []string
	word  strings.Builder
	in    bool
}

func (s *splitter) next() error {
	c := s.rest[0]
	s.rest = s.rest[1:]
	switch {
	case c == ' ' || c == '\t':
		s.end()
		return nil
	case c == '\'':
		return s.single()
	case c == '"':
		return s.double()
	case c == '\\':
		return s.escaped()
	case strings.IndexByte(special, c) >= 0:
		return refuse(c)
	}
	s.add(c)
	return nil
}

func (s *splitter) add(c byte) {
	s.in = true
	s.word.WriteByte(c)
}

func (s *splitter) end() {
	if s.in {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.in = false
}

func (s *splitter) single() error {
	text, rest, closed := strings.Cut(s.rest, "'")
	if !closed {
		return errors.New("a single quote is not closed")
	}
	s.in, s.rest = true, rest
	s.word.WriteString(text)
	return nil
}

func (s *splitter) double() error {
	s.in = true
	for s.rest != "" {
		c := s.rest[0]
		s.rest = s.rest[1:]
		switch {
		case c == '"':
			return nil
		case c == '\\' && s.rest != "" && strings.IndexByte("\\\"$`", s.rest[0]) >= 0:
			c, s.rest = s.rest[0], s.rest[1:]
		case strings.IndexByte(specialQuoted, c) >= 0:
			return refuse(c)
		}
		s.add(c)
	}
	return errors.New("a double quote is not closed")
}

func (s *splitter) escaped() error {
	if s.rest == "" {
		return errors.New("a backslash with nothing after it")
	}
	s.add(s.rest[0])
	s.rest = s.rest[1:]
	return nil
}

func refuse(c byte) error {
	const shell = "no shell runs this, so it has no %c: " +
		"put it in single quotes if it is meant as it stands"
	return fmt.Errorf(shell, c)
}
