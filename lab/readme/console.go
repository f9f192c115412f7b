package readme

import (
	"errors"
	"strings"
)

const (
	prompt    = "$ "
	interrupt = "^C" // as a terminal shows it
)

// command is a command in a console block, and the output that follows it.
type command struct {
	line        int
	text        string
	want        []string
	start, stop int    // the place of the output in the source
	prefix      string // the prefix of its lines in the source
	shape       bool
	interrupted bool // the output ends in ^C
}

// commands reads a console block.
func commands(b block) ([]command, error) {
	var list []command
	for i := 0; i < len(b.lines); {
		c, next, err := readCommand(b.lines, i)
		if err != nil {
			return nil, err
		}
		c.shape = b.about == "shape"
		list = append(list, c)
		i = next
	}
	if len(list) == 0 {
		return nil, errors.New("the console block is empty")
	}
	return list, nil
}

// readCommand reads one command and its output, and returns where the next
// begins. A command goes on after a backslash at the end of a line.
func readCommand(lines []line, i int) (command, int, error) {
	text, ok := strings.CutPrefix(lines[i].text, prompt)
	if !ok {
		return command{}, 0, errors.New("a console block begins with a command: $ go run …")
	}
	c := command{line: lines[i].number, prefix: lines[i].prefix}
	for strings.HasSuffix(text, `\`) && i+1 < len(lines) {
		i++
		text = strings.TrimSuffix(text, `\`) + strings.TrimPrefix(lines[i].text, "> ")
	}
	c.text, c.start, c.stop = text, lines[i].stop, lines[i].stop
	for i++; i < len(lines) && !strings.HasPrefix(lines[i].text, prompt); i++ {
		text := strings.TrimRight(lines[i].text, " \t")
		if c.interrupted = text == interrupt; c.interrupted {
			continue
		}
		c.want = append(c.want, text)
		if text != "" {
			c.stop = lines[i].stop
		}
	}
	c.want = textLines(strings.Join(c.want, "\n"))
	return c, i, nil
}

// checkCommands reads a block of commands to type: none may show an output,
// since nothing would keep it true.
func (k *checker) checkCommands(b block) {
	for _, l := range b.lines {
		if strings.HasPrefix(l.text, prompt) {
			k.fail(l.number, "a transcript belongs into a console block, "+
				"where it is checked; sh is for commands to type")
		}
	}
}

// joined returns lines as they stand in the source.
func joined(lines []string, prefix string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(prefix+line, " \t") + "\n")
	}
	return b.String()
}
