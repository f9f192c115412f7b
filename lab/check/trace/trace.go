// Package trace kills a program at a system call that changes or forces one of its files,
// or cuts its power there. The program may be written in any language.
//
// A tracer is a process of its own, the parent of the program: it waits for all of its
// children, and would take those of os/exec. It is this process's own binary, run again,
// and it ends with its standard input, and with it all that it traces.
package trace

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// tracerName is the name by which a process knows that it is a tracer.
const tracerName = "dtx-tracer"

// Child runs the tracer and does not return, if this process was started to be one. A
// program that traces, and its tests, call it first.
func Child() {
	if os.Args[0] == tracerName {
		os.Exit(serve(os.Args[1], os.Args[2], os.Args[3], os.Args[4:]))
	}
}

// The lines that the tracer writes. Any other line is the name of a call.
const (
	lineArmed  = "armed"
	lineStruck = "struck"
	lineFailed = "failed: "
)

// Tracer is a tracer's process, as its parent sees it.
type Tracer struct {
	orders io.WriteCloser
	armed  chan error
	ended  chan struct{}
	struck bool // whether the program was killed at the call, once it has ended

	mu    sync.Mutex
	calls []string
}

// Start starts a command under a tracer. The files that count lie in the folder data; the
// folder images is the tracer's own.
func Start(cmd *exec.Cmd, data, images string) (*Tracer, error) {
	self, err := os.Executable()
	if err = errors.Join(err, cmd.Err); err != nil {
		return nil, fmt.Errorf("start a tracer: %w", err)
	}
	from, to, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start a tracer: %w", err)
	}
	defer to.Close()
	cmd.Args = slices.Concat([]string{tracerName, data, images, cmd.Path}, cmd.Args)
	cmd.Path, cmd.ExtraFiles = self, []*os.File{to}
	orders, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a tracer: %w", err), from.Close())
	}
	t := &Tracer{orders: orders, armed: make(chan error, 1), ended: make(chan struct{})}
	go t.listen(from)
	return t, nil
}

func (t *Tracer) listen(from io.ReadCloser) {
	defer from.Close()
	defer close(t.ended)
	for lines := bufio.NewScanner(from); lines.Scan(); {
		line := lines.Text()
		said, failed := strings.CutPrefix(line, lineFailed)
		switch {
		case failed:
			t.armed <- fmt.Errorf("trace the program: %s", said)
		case line == lineArmed:
			t.armed <- nil
		case line == lineStruck:
			t.struck = true
		default:
			t.mu.Lock()
			t.calls = append(t.calls, line)
			t.mu.Unlock()
		}
	}
	t.armed <- errors.New("the tracer has ended")
}

// Order is what the tracer does at a call.
type Order struct {
	Call string // its name; without one, Now is the time
	Cut  bool   // whether the power is cut: what was not forced is lost
}

// Arm has the tracer count and name the calls from now on. It returns when it does.
func (t *Tracer) Arm(o Order) error {
	if _, err := fmt.Fprintf(t.orders, "%t %s\n", o.Cut, o.Call); err != nil {
		return fmt.Errorf("arm the tracer: %w", err)
	}
	return <-t.armed
}

// Now has the tracer do now what it would do at a call.
func (t *Tracer) Now() error {
	_, err := fmt.Fprintln(t.orders, "now")
	return err
}

// Struck tells whether the program is killed at the call, now or within that time.
func (t *Tracer) Struck(within time.Duration) bool {
	select {
	case <-t.ended:
		return t.struck
	case <-time.After(within):
		return false
	}
}

// End kills the program. Its files stay as they are.
func (t *Tracer) End() { _ = t.orders.Close() } // an error means that it has ended

// Calls returns the names of the calls since the last Calls, e.g. "fdatasync stock.db 7".
func (t *Tracer) Calls() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	calls := t.calls
	t.calls = nil
	return calls
}

// Forces tells whether a call of this name forces a file.
func Forces(call string) bool { return strings.Contains(call, "sync ") }
