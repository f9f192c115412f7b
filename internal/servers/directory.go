package servers

import (
	"bufio"
	"context"
	"errors"
	"os"
	"strings"

	"example.com/dtx/internal/program"
)

// What is to happen after this program's death, a shell does that waits for
// it: the pipe to the shell closes when this program dies, however it dies.

// keepScript makes a directory and the files in it, and removes it when no process
// holds the pipe any more: this program does, and so do the processes of the
// server. A PostgreSQL that was killed leaves a segment of shared memory, too,
// whose id is in the seventh line of its pid file.
const keepScript = `
trap '' PIPE # to go on when no process reads any more
for base in "$1" /tmp; do
	dir=$(mktemp -d "$base/dtx-XXXXXX") && break
done 2>/dev/null
cd "${dir:?no directory for temporary files}" || exit
shift
export TMPDIR="$dir"
"$@" >&2 && echo "$dir" && cat >/dev/null
exec 2>/dev/null
shared=$(sed -n '7s/.* //p' data/postmaster.pid) && ipcrm -m "$shared"
cd / && rm -rf "$dir"
`

// maxBase leaves room for the rest of a socket's address, which is at most 103
// bytes long.
const maxBase = 70

// directory is where a server's files are.
type directory struct {
	path string
	held *os.File // the pipe that all who use the files hold
	log  program.Tail
	gone chan struct{}
}

// newDirectory makes a directory, and the files in it with a command that is
// run there.
func newDirectory(ctx context.Context, command []string) (*directory, error) {
	base := os.TempDir()
	if len(base) > maxBase {
		base = "/tmp"
	}
	cmd, err := shell(keepScript, append([]string{base}, command...))
	if err != nil {
		return nil, err
	}
	in, held, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	d := &directory{held: held, gone: make(chan struct{})}
	cmd.Stdin, cmd.Stderr = in, &d.log
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	made := make(chan string, 1)
	go func() {
		defer close(d.gone)
		path, _ := bufio.NewReader(out).ReadString('\n') // a shell that fails ends without a line
		made <- strings.TrimSuffix(path, "\n")
		_ = cmd.Wait() // how it ended is in the log
	}()
	return d, d.await(ctx, made)
}

// await waits until the directory is made, and removes what is there if it is not.
func (d *directory) await(ctx context.Context, made <-chan string) error {
	select {
	case d.path = <-made:
	case <-ctx.Done():
		return errors.Join(ctx.Err(), d.remove())
	}
	if d.path != "" {
		return nil
	}
	err := d.remove() // after which the log is complete
	return errors.Join(err, errors.New(d.log.String()))
}

// remove removes the directory when its last user has gone.
func (d *directory) remove() error {
	_ = d.held.Close() // an error means that it is closed already
	return await(d.gone)
}
