package recommend

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// ErrNoPython is returned where no Python 3 is installed.
var ErrNoPython = errors.New("no python3 on this machine: " +
	"install Python 3 from your system's packages or python.org")

// Twin is the service's twin in Python, running in a process of its own.
type Twin struct {
	Addr  string // where it listens
	cmd   *exec.Cmd
	stdin io.Closer
}

// StartTwin runs script, which is recommend.py, and returns when it listens.
func StartTwin(ctx context.Context, script string) (*Twin, error) {
	python, err := findPython()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, python, script, "127.0.0.1:0")
	stdin, err := cmd.StdinPipe() // it ends when this closes, also because we have died
	if err != nil {
		return nil, fmt.Errorf("start the twin: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the twin: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the twin: %w", err)
	}
	t := &Twin{cmd: cmd, stdin: stdin}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	_, addr, ok := strings.Cut(strings.TrimSpace(line), "http://")
	if err != nil || !ok {
		err := fmt.Errorf("start the twin: it said %q and not where it listens", line)
		return nil, errors.Join(err, t.Stop())
	}
	t.Addr = addr
	return t, nil
}

// Stop ends the process and waits for it.
func (t *Twin) Stop() error {
	return errors.Join(t.stdin.Close(), t.cmd.Wait())
}

// findPython looks for Python 3 under the names that it has on Linux, macOS and
// Windows.
func findPython() (string, error) {
	for _, name := range []string{"python3", "python"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		version, err := exec.Command(path, "--version").Output()
		if err == nil && strings.HasPrefix(string(version), "Python 3.") {
			return path, nil
		}
	}
	return "", ErrNoPython
}
