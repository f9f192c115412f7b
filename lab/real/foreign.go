package real

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"example.com/dtx/internal/program"
	"example.com/dtx/lab"
	"example.com/dtx/lab/boundary"
	"example.com/dtx/lab/fault"
)

// This file is a service whose program is not the laboratory's, such as one in another
// language. The laboratory stands before it: each request to it passes the laboratory, and
// so does the answer. What the program commits, the laboratory does not see.

const (
	foreignStart = time.Minute           // a foreign program that is not ready by then will not be
	foreignPause = 10 * time.Millisecond // before it is asked again whether it is ready
	foreignTries = 3                     // another program may take the free port first
	maxForeign   = 1 << 20               // of a request to it, or of its ledger; in bytes
)

// spawnForeign starts a service's own program on its folder, and waits until it is ready.
func (c *Cluster) spawnForeign(ctx context.Context, s lab.Service) (p *process, err error) {
	for range foreignTries {
		if p, err = c.beginForeign(ctx, s); err != nil {
			return nil, err
		}
		if err = p.awaitLedger(ctx); err == nil {
			p.about.Startup = time.Since(p.born)
			return p, nil
		}
		p.end()
	}
	return nil, err
}

// beginForeign starts the program, and the server that stands before it.
func (c *Cluster) beginForeign(ctx context.Context, s lab.Service) (*process, error) {
	port, free, err := takePort()
	if err != nil {
		return nil, err
	}
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen: %w", err), free())
	}
	ctx = context.WithoutCancel(ctx) // it ends by end or kill
	cmd := exec.CommandContext(ctx, s.Command[0], s.Command[1:]...)
	folder := filepath.Join(c.dir, s.Name)
	cmd.Env = append(os.Environ(), "PORT="+port, "DATA="+folder)
	cmd.Stderr = os.Stderr
	program.Together(cmd)
	outlivesNot(cmd)
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, front.Close(), free())
	}
	addr := front.Addr().String()
	p := &process{
		cluster: c, born: time.Now(), service: s, name: s.Name, cmd: cmd, addr: addr,
		about:  Process{Service: s.Name, PID: cmd.Process.Pid, Addr: addr},
		behind: "127.0.0.1:" + port, placed: make(chan struct{}), gone: make(chan struct{}),
	}
	server := &http.Server{Handler: p.front(), ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(front) }() // it ends by Close
	go func() {
		_ = cmd.Wait() // how it ended, the laboratory knows: it was killed, told, or failed
		_ = free()     // an error means that the folder for temporary files has gone
		close(p.gone)
		c.bury(p)
		_ = server.Close()
	}()
	return p, nil
}

// takePort returns a port that no other foreign program gets until free is called. A
// program listens a second after it has started: until then the port looks free, and a
// program of another shop would answer in its place.
func takePort() (port string, free func() error, err error) {
	for range maxRestarts {
		if port, err = program.Port(); err != nil {
			return "", nil, err
		}
		mark := filepath.Join(os.TempDir(), "dtx-port-"+port)
		if err = os.Mkdir(mark, 0o700); err == nil {
			return port, func() error { return os.Remove(mark) }, nil
		}
	}
	return "", nil, fmt.Errorf("take a port: %w", err)
}

// awaitLedger waits until the program answers GET /ledger.
func (p *process) awaitLedger(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, foreignStart)
	defer cancel()
	for {
		_, err := p.askLedger(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(foreignPause):
		case <-p.gone:
			return errors.New("the program ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("the program is not ready: %w", err)
		}
	}
}

// askLedger asks the program for its ledger, past the laboratory.
func (p *process) askLedger(ctx context.Context) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.behind+"/ledger", nil)
	if err != nil {
		return nil, err
	}
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET /ledger is answered %d", response.StatusCode)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxForeign))
}

// audited returns a variant whose foreign services are asked for their ledgers.
func (c *Cluster) audited(v lab.Variant) lab.Variant {
	v = v.As("")
	for i, s := range v.Services {
		if s.Command == nil {
			continue
		}
		v.Services[i].Ledger = func(ctx context.Context) (l lab.Ledger, err error) {
			c.mu.Lock()
			p := c.processes[s.Name]
			c.mu.Unlock()
			answer, err := p.askLedger(ctx)
			if err != nil {
				return l, err
			}
			return s.Audit(answer)
		}
	}
	return v
}

// front is what other services reach: the laboratory's boundary, and behind it the program.
func (p *process) front() http.Handler {
	stands := boundary.Handler(before{p}, p.service.Name, p.passOn())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForeign))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body)) // it can be read when the caller has gone
		stands.ServeHTTP(w, r)
	})
}

// passOn passes requests on to the program. If the caller hangs up before, the program gets
// the request, and then its connection ends.
func (p *process) passOn() http.HandlerFunc {
	behind := &url.URL{Scheme: "http", Host: p.behind}
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(behind) },
		Transport:    &http.Transport{DisableKeepAlives: true}, // net/http repeats nothing
		ErrorLog:     log.New(io.Discard, "", 0),
		ErrorHandler: p.noAnswer,
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Err() == nil {
			proxy.ServeHTTP(w, r)
			return
		}
		ctx, hangUp := context.WithCancel(context.WithoutCancel(r.Context()))
		defer hangUp()
		proxy.ServeHTTP(w, r.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
			WroteRequest: func(httptrace.WroteRequestInfo) { hangUp() },
		})))
	}
}

// noAnswer is called when the caller of a request has gone, or the program, which the
// laboratory learns a moment later: then its answer is not sent.
func (p *process) noAnswer(w http.ResponseWriter, r *http.Request, _ error) {
	ctx, cancel := context.WithTimeout(r.Context(), endTime)
	defer cancel()
	_ = p.cluster.await(ctx, func() bool { return p.dead })
	w.WriteHeader(http.StatusBadGateway)
}

// before is the laboratory before a program that is not its own.
type before struct{ *process }

// Pass is part of boundary.Lab.
func (b before) Pass(ctx context.Context, s fault.Stop) (fault.Ruling, error) {
	select {
	case <-b.placed:
	case <-b.gone:
		return fault.Ruling{}, errors.New("the process is dead")
	}
	ruling, ok := b.cluster.rule(context.WithoutCancel(ctx), b.process, s)
	if !ok {
		return ruling, errors.New("the process is dead")
	}
	return ruling, nil
}
