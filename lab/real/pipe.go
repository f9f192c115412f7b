package real

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"example.com/dtx/lab/fault"
)

// note is one line on the pipe between the laboratory and a service's process.
// The service asks (Stop, Find), the laboratory answers under the same ID.
type note struct {
	ID     int           `json:"id,omitempty"`
	Stop   *fault.Stop   `json:"stop,omitempty"`   // the service is at a boundary
	Ruling *fault.Ruling `json:"ruling,omitempty"` // the service may go on
	Find   string        `json:"find,omitempty"`   // where does this service listen?
	Addr   string        `json:"addr,omitempty"`   // there; with ID 0, where the sender does
	Err    string        `json:"err,omitempty"`
	// End says that the laboratory wants the service to end in good order.
	End bool   `json:"end,omitempty"`
	Bye *Usage `json:"bye,omitempty"` // the service has ended
	// Count says that the laboratory wants to know what the service has used so far.
	Count bool   `json:"count,omitempty"`
	Used  *Usage `json:"used,omitempty"` // what the service has used so far
}

// Usage is what a process used while it lived.
type Usage struct {
	Memory    int64         `json:"memory"`    // bytes of the Go runtime
	Forced    int64         `json:"forced"`    // commits forced to the disk
	Processor time.Duration `json:"processor"` // how long the process used one; 0 if unknown
}

// pipe carries notes as JSON lines.
type pipe struct {
	mu sync.Mutex
	w  io.Writer
	r  *bufio.Scanner
}

// maxNote bounds a note; in bytes.
const maxNote = 1 << 16

func newPipe(r io.Reader, w io.Writer) *pipe {
	p := &pipe{w: w, r: bufio.NewScanner(r)}
	p.r.Buffer(nil, maxNote)
	return p
}

func (p *pipe) write(n note) error {
	line, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("write to the pipe: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.w.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write to the pipe: %w", err)
	}
	return nil
}

// read returns the next note, io.EOF when the other side has gone.
func (p *pipe) read() (n note, err error) {
	if !p.r.Scan() {
		if err := p.r.Err(); err != nil {
			return n, fmt.Errorf("read from the pipe: %w", err)
		}
		return n, io.EOF
	}
	if err := json.Unmarshal(p.r.Bytes(), &n); err != nil {
		return n, fmt.Errorf("read from the pipe: %w", err)
	}
	return n, nil
}
