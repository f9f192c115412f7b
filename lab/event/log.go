package event

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds a line of a log; in bytes.
const maxLine = 1 << 20

// ErrLineTooLong is returned for an event that does not fit on a line of a log.
var ErrLineTooLong = fmt.Errorf("line is longer than %d bytes", maxLine)

// Write writes events as JSON lines, one event a line.
func Write(w io.Writer, events []Event) error {
	out := bufio.NewWriter(w)
	for i, e := range events {
		line, err := json.Marshal(e)
		if err == nil && len(line) > maxLine {
			err = ErrLineTooLong
		}
		if err != nil {
			return fmt.Errorf("write event log: line %d: %w", i+1, err)
		}
		out.Write(append(line, '\n')) // an error stays, and Flush returns it
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write event log: %w", err)
	}
	return nil
}

// Read reads what Write wrote. It refuses a line that is not exactly one event,
// and says which line it was.
func Read(r io.Reader) ([]Event, error) {
	var events []Event
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine+len("\r\n"))
	for lines.Scan() {
		e, err := parse(lines.Bytes())
		if err != nil {
			return nil, fmt.Errorf("read event log: line %d: %w", len(events)+1, err)
		}
		events = append(events, e)
	}
	err := lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = ErrLineTooLong
	}
	if err != nil {
		return nil, fmt.Errorf("read event log: line %d: %w", len(events)+1, err)
	}
	return events, nil
}

// parse reads one line. A field that an event does not have is most likely a
// misspelt one, so it is refused.
func parse(line []byte) (Event, error) {
	var e Event
	if !json.Valid(line) {
		return e, fmt.Errorf("not one JSON value: %w", json.Unmarshal(line, &e))
	}
	fields := json.NewDecoder(bytes.NewReader(line))
	fields.DisallowUnknownFields()
	if err := fields.Decode(&e); err != nil {
		return e, err
	}
	switch e.Kind {
	case Send, Receive, Drop, Commit, Crash, Restart, Replaced, State, Verdict:
		return e, nil
	case "":
		return e, errors.New("no kind of event")
	}
	return e, fmt.Errorf("unknown kind of event %q", e.Kind)
}
