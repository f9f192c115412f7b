package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"example.com/dtx/internal/openapi"
	"example.com/dtx/internal/program"
	"example.com/dtx/lab/check/trace"
)

const (
	startTime = time.Minute           // a program that is not ready by then will not be
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
	command      []string
	document     *openapi.Document
	folder       string
	images       string            // the tracer's folder, if there is to be a tracer
	body         func(message) any // what is sent with a message
	*coordinator                   // nil if the program has no coordinator to inquire at
	*process
}

// process is a life of it.
type process struct {
	cmd  *exec.Cmd
	addr string
	said program.Tail
	*trace.Tracer
	gone chan struct{}
	once sync.Once

	ended error // how it ended, once it is gone
}

// start starts the program on its folder, and waits until it is ready.
func (p *participant) start(ctx context.Context) error {
	port, err := program.Port()
	if err != nil {
		return err
	}
	l := &process{addr: "127.0.0.1:" + port, gone: make(chan struct{})}
	inquire := ""
	if p.coordinator != nil {
		inquire = p.coordinator.address
	}
	words := strings.NewReplacer("$PORT", port, "$DATA", p.folder, "$COORDINATOR", inquire)
	var args []string
	for _, arg := range p.command[1:] {
		args = append(args, words.Replace(arg))
	}
	l.cmd = exec.CommandContext(ctx, p.command[0], args...)
	l.cmd.Env = append(os.Environ(), "PORT="+port, "DATA="+p.folder, "COORDINATOR="+inquire)
	l.cmd.Stdout, l.cmd.Stderr, l.cmd.WaitDelay = &l.said, &l.said, time.Second
	program.Together(l.cmd)
	if p.images == "" {
		err = l.cmd.Start()
	} else {
		l.Tracer, err = trace.Start(l.cmd, p.folder, p.images)
	}
	if err != nil {
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
		a, err := p.ask(ctx, message{path: ledger}, func() {})
		if err == nil && a.Status < http.StatusInternalServerError {
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
		p.once.Do(p.end)
		<-p.gone
	}
}

// end lets the tracer kill the program, if there is one: it waits until all has ended.
func (l *process) end() {
	if l.Tracer != nil {
		l.End()
		return
	}
	_ = program.Kill(l.cmd) // an error means that all of it has ended
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

// answer is an exchange with the participant.
type answer openapi.Exchange

// ask sends a message on a connection of its own, calls wrote when it has left, and waits
// for the answer.
func (p *participant) ask(ctx context.Context, m message, wrote func()) (*answer, error) {
	method, url := http.MethodGet, "http://"+p.addr+"/"+m.path
	var sent []byte
	if m.path != ledger {
		method = http.MethodPost
		var err error
		if sent, err = json.Marshal(p.body(m)); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { wrote() },
	})
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(sent))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if m.id != "" {
		r.Header.Set("Idempotency-Key", m.id)
	}
	r.GetBody = nil // or net/http sends it again by itself
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	// A refusal that JSON Schema cannot know is no breach: the model judges it.
	return &answer{
		Method: method, URL: r.URL, Sent: r.Header, Body: sent, Finer: true,
		Status: response.StatusCode, Got: response.Header, Answer: body,
	}, err
}

// kept holds an exchange against the contract.
func (p *participant) kept(a *answer) error {
	if err := p.document.Check(openapi.Exchange(*a)); err != nil {
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
