package servers

import (
	"errors"
	"io"
	"os"

	"example.com/dtx/internal/program"
)

// serveScript runs a server. A line on the pipe kills it and its children, as
// they are at one moment: left alone, a session of PostgreSQL would finish its
// statement first. The pipe's end sends the server the signals in $1.
const serveScript = `
signals=$1
shift
"$@" 2>&1 & pid=$!
exec >/dev/null 2>&1
if read -r _; then
	kill -STOP $pid
	kill -KILL $pid $(pgrep -P $pid)
else
	for signal in $signals; do kill -$signal $pid; done
fi
wait $pid
`

// process is a running server.
type process struct {
	in   io.WriteCloser
	log  program.Tail
	gone chan struct{} // closed when the last of its processes has ended
}

func newProcess(d *directory, signals string, command []string) (*process, error) {
	cmd, err := shell(serveScript, append([]string{signals}, command...))
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = []*os.File{d.held}
	p := &process{gone: make(chan struct{})}
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, p.in.Close())
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.gone)
		_, _ = io.Copy(&p.log, out) // until its last process has ended
		_ = p.in.Close()            // it is closed already, or the shell does not need it
		_ = cmd.Wait()              // how it ended is in the log
	}()
	return p, nil
}

func (p *process) kill() error {
	_, _ = io.WriteString(p.in, "kill\n") // an error means that it has ended
	return await(p.gone)
}

func (p *process) end() error {
	_ = p.in.Close() // an error means that it has ended
	return await(p.gone)
}

func (p *process) ended() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}
