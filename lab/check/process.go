package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"example.com/dtx/internal/openapi"
	"example.com/dtx/internal/program"
)

const (
	startTime = 20 * time.Second      // a program that is not ready by then will not be
	patience  = 10 * time.Second      // for an answer
	pause     = 10 * time.Millisecond // before it is asked again
	maxAnswer = 1 << 20               // bytes
)

var (
	errEnded  = errors.New("exit status 0")
	errSilent = fmt.Errorf("GET /ledger was not answered within %v", startTime)
)

// participant is the program under test: what starts it, and its data.
type participant struct {
	command  []string
	document *openapi.Document
	folder   string
	*process
}

// process is a life of it.
type process struct {
	cmd  *exec.Cmd
	addr string
	said program.Tail
	gone chan struct{}
	once sync.Once

	ended error // how it ended, once it is gone
}

// start starts the program on its folder, and waits until it is ready.
func (p *participant) start(ctx context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free
	if err != nil {
		return err
	}
	l := &process{addr: listener.Addr().String(), gone: make(chan struct{})}
	_, port, err := net.SplitHostPort(l.addr)
	if err := errors.Join(err, listener.Close()); err != nil {
		return err
	}
	words := strings.NewReplacer("$PORT", port, "$DATA", p.folder)
	var args []string
	for _, arg := range p.command[1:] {
		args = append(args, words.Replace(arg))
	}
	l.cmd = exec.CommandContext(ctx, p.command[0], args...)
	l.cmd.Env = append(os.Environ(), "PORT="+port, "DATA="+p.folder)
	l.cmd.Stdout, l.cmd.Stderr, l.cmd.WaitDelay = &l.said, &l.said, time.Second
	program.Together(l.cmd)
	if err := l.cmd.Start(); err != nil {
		return err
	}
	go func() {
		l.ended = l.cmd.Wait()
		close(l.gone)
	}()
	p.process = l
	return p.await(ctx)
}

// await waits until the ledger is answered.
func (p *participant) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, errSilent)
	defer cancel()
	tick := time.NewTicker(pause / 2)
	defer tick.Stop()
	for {
		_, a, err := p.readLedger(ctx)
		if err == nil && a.status < http.StatusInternalServerError {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.gone:
			return fmt.Errorf("it ended before it was ready: %w", cmp.Or(p.ended, errEnded))
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// kill ends the program at once, with what it has started.
func (p *participant) kill() {
	if p.process != nil {
		p.once.Do(func() { _ = program.Kill(p.cmd) }) // an error means that all of it has ended
		<-p.gone
	}
}

// dead tells whether the program has ended by itself.
func (p *participant) dead() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// call is a request on a connection of its own.
type call struct {
	net.Conn
	message
	request *http.Request
	body    []byte
}

// dial connects, and sends nothing yet.
func (p *participant) dial(ctx context.Context, m message) (c *call, err error) {
	c = &call{message: m}
	method, url := http.MethodGet, "http://"+p.addr+"/"+m.path
	if m.path != ledger {
		method = http.MethodPost
		if c.body, err = json.Marshal(m.account); err != nil {
			return nil, err
		}
	}
	c.request, err = http.NewRequestWithContext(ctx, method, url, bytes.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	c.request.Close = true
	if method == http.MethodPost {
		c.request.Header.Set("Content-Type", "application/json")
	}
	if m.saga != "" {
		c.request.Header.Set("Idempotency-Key", m.saga)
	}
	d := net.Dialer{Timeout: patience}
	if c.Conn, err = d.DialContext(ctx, "tcp", p.addr); err != nil {
		return nil, err
	}
	deadline := time.Now().Add(patience)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	return c, c.SetDeadline(deadline)
}

// send sends the request.
func (c *call) send() error { return sendAtOnce(c) }

// sendAtOnce sends requests so that they meet: first all but the last byte of each, and,
// when the participant has had time to read these, the last bytes.
func sendAtOnce(calls ...*call) error {
	var failed error
	last := make([][]byte, len(calls))
	for i, c := range calls {
		var text bytes.Buffer
		failed = errors.Join(failed, c.request.Write(&text))
		last[i] = text.Bytes()
		if first := text.Len() - 1; len(calls) > 1 && first > 0 {
			_, err := c.Write(last[i][:first])
			failed, last[i] = errors.Join(failed, err), last[i][first:]
		}
	}
	if len(calls) > 1 {
		time.Sleep(pause)
	}
	for i, c := range calls {
		_, err := c.Write(last[i])
		failed = errors.Join(failed, err)
	}
	return failed
}

// answer is what the participant said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// receive reads the answer to its end.
func (c *call) receive() (*answer, error) {
	response, err := http.ReadResponse(bufio.NewReader(c), c.request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	return &answer{response.StatusCode, response.Header, body}, nil
}

// readLedger asks for the ledger.
func (p *participant) readLedger(ctx context.Context) (c *call, a *answer, err error) {
	if c, err = p.dial(ctx, message{path: ledger}); err != nil {
		return nil, nil, err
	}
	defer c.Close()
	if err := c.send(); err != nil {
		return nil, nil, err
	}
	a, err = c.receive()
	return c, a, err
}

// kept holds an exchange against the contract. A refusal that JSON Schema cannot know is
// no breach: the model judges it.
func (p *participant) kept(c *call, a *answer) error {
	err := p.document.Check(openapi.Exchange{
		Method: c.request.Method, URL: c.request.URL, Sent: c.request.Header, Body: c.body,
		Status: a.status, Got: a.header, Answer: a.body, Finer: true,
	})
	if err != nil {
		return broken{fmt.Errorf("the contract is not kept: %w", err)}
	}
	return nil
}

// data is how the files of the participant look from outside.
type data struct {
	files int
	bytes int64
}

func (p *participant) look() (d data) {
	_ = filepath.WalkDir(p.folder, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil // it has just been removed
		}
		if info, err := e.Info(); err == nil && !e.IsDir() {
			d.files, d.bytes = d.files+1, d.bytes+info.Size()
		}
		return nil
	})
	return d
}
