package target

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

const (
	startTime = 30 * time.Second // a process that is not ready by then will not be
	endTime   = 8 * time.Second  // nor will one that has not ended by then
)

// Settings are what a process is started with. Zero leaves what it has by itself.
type Settings struct {
	Addr       string // the address; by default, a free port on 127.0.0.1
	Database   string // the file
	Workers    int
	Attempts   int
	Backlog    int
	Visibility time.Duration
	Retry      time.Duration
}

func (s Settings) environment() []string {
	if s.Addr == "" {
		s.Addr = "127.0.0.1:0"
	}
	env := []string{"JOBS_ADDR=" + s.Addr, "JOBS_DB=" + s.Database}
	for name, n := range map[string]int64{
		"JOBS_WORKERS":       int64(s.Workers),
		"JOBS_ATTEMPTS":      int64(s.Attempts),
		"JOBS_BACKLOG":       int64(s.Backlog),
		"JOBS_VISIBILITY_MS": s.Visibility.Milliseconds(),
		"JOBS_RETRY_MS":      s.Retry.Milliseconds(),
	} {
		if n > 0 {
			env = append(env, fmt.Sprintf("%s=%d", name, n))
		}
	}
	return env
}

// Process is a running service.
type Process struct {
	URL     string
	Startup time.Duration // time from its start to its first answer
	cmd     *exec.Cmd
	stdin   io.Closer
	said    tail
	gone    chan struct{}
	err     error // how it ended, after gone
}

// Start starts a process, and returns when it has given its first answer. It
// ends when it is told to, or when we have gone: its standard input closes.
func (t Target) Start(ctx context.Context, s Settings) (*Process, error) {
	began := time.Now()
	p := &Process{cmd: exec.Command(t.command[0], t.command[1:]...), gone: make(chan struct{})}
	p.cmd.Env = append(append(os.Environ(), t.env...), s.environment()...)
	// A program that takes local time for UTC, or UTC for local time, is to be noticed.
	p.cmd.Env = append(p.cmd.Env, "TZ=Asia/Shanghai")
	p.cmd.Stderr = &p.said
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.stdin = in
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", t.Name, err), in.Close())
	}
	address := make(chan string, 1)
	go p.read(out, address)
	if err := p.await(ctx, address); err != nil {
		p.Kill()
		return nil, fmt.Errorf("start %s: %w\n%s", t.Name, err, &p.said)
	}
	p.Startup = time.Since(began)
	return p, nil
}

// read takes what the process says, until it has ended.
func (p *Process) read(out io.Reader, address chan<- string) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), "jobs listen on "); ok && len(address) == 0 {
			address <- url
		}
	}
	p.err = p.cmd.Wait()
	close(p.gone)
}

// await waits for the first answer.
func (p *Process) await(ctx context.Context, address <-chan string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	select {
	case p.URL = <-address:
	case <-p.gone:
		return fmt.Errorf("it ended before it was ready: %w", errors.Join(p.err))
	case <-ctx.Done():
		return ctx.Err()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/jobs?limit=1", nil)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// Kill ends the process as kill -9 does, and waits until it has gone.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // an error means that it has ended
	<-p.gone
	_ = p.stdin.Close()
}

// Stop asks the process to end, and waits. Its error says that it did not end
// in good order.
func (p *Process) Stop() error {
	_ = p.stdin.Close() // an error means that it has ended
	late := time.NewTimer(endTime)
	defer late.Stop()
	select {
	case <-p.gone:
	case <-late.C:
		p.Kill()
		return fmt.Errorf("it had not ended after %v, and was killed\n%s", endTime, &p.said)
	}
	if p.err != nil {
		return fmt.Errorf("it ended with %w\n%s", p.err, &p.said)
	}
	return nil
}

// Gone is closed when the process has ended.
func (p *Process) Gone() <-chan struct{} { return p.gone }

// maxTail is how much of what a process says is kept, in bytes.
const maxTail = 4 << 10

// tail is the end of what a process says on its standard error.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	t.text = t.text[max(0, len(t.text)-maxTail):]
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
