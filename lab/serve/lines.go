package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"example.com/dtx/lab/live"
)

const (
	maxCommand = 1 << 16 // a command's line; in bytes
	maxWaiting = 256     // commands that have not begun yet
)

// asked is a command, or what is wrong with it.
type asked struct {
	live.Command
	err error
}

// readCommands hands on the commands of a stream. It reads ahead, so that it
// sees the end of the stream even if the page does not listen to the answers any
// more. It returns io.EOF then.
func readCommands(in io.Reader, to chan<- asked) error {
	r := bufio.NewReaderSize(in, maxCommand)
	for {
		line, err := r.ReadSlice('\n')
		tooLong := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.ReadSlice('\n')
		}
		if err != nil {
			return err
		}
		a := asked{err: fmt.Errorf("a command has at most %d bytes", maxCommand)}
		if !tooLong {
			a = parseCommand(line)
		}
		select {
		case to <- a:
		default:
			return fmt.Errorf("%d commands wait already", maxWaiting)
		}
	}
}

// parseCommand reads one line, strictly: a field that a command does not have is
// most likely a misspelt one. The number of a bad command is kept, if it has one.
func parseCommand(line []byte) (a asked) {
	fields := json.NewDecoder(bytes.NewReader(line))
	fields.DisallowUnknownFields()
	if a.err = json.Unmarshal(line, new(any)); a.err == nil {
		a.err = fields.Decode(&a.Command)
	}
	if a.err == nil && a.ID <= 0 {
		a.err = errors.New("its id is to be 1 or more")
	}
	if a.err != nil {
		_ = json.Unmarshal(line, &a.Command) // as far as it can be understood
		a.err = fmt.Errorf("not a command: %w", a.err)
	}
	return a
}

// writeLines says one line after another until ctx is done.
func writeLines(ctx context.Context, out io.Writer, lines <-chan live.Line) error {
	to := json.NewEncoder(out)
	for {
		select {
		case l := <-lines:
			if err := to.Encode(l); err != nil {
				return fmt.Errorf("say what happens: %w", err)
			}
		case <-ctx.Done():
			return nil
		}
	}
}
