package durability

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// The environment of a process that is to be a client of a database.
const (
	fileVariable  = "DURABILITY_FILE"
	levelVariable = "DURABILITY_LEVEL"
)

// longest bounds the life of a client.
const longest = 20 * time.Second

// Child is a client and does not return, if this process was started to be one:
// it executes each line that it reads, and answers when that is done. A program
// and its tests call it first. It ends when its parent no longer listens.
func Child() {
	path := os.Getenv(fileVariable)
	if path == "" {
		return
	}
	if err := obey(path, Level(os.Getenv(levelVariable)), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0) // the files stay as they are: to close them would be a checkpoint
}

func obey(path string, l Level, orders io.Reader, answers io.Writer) error {
	db, err := open(path, l)
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(orders); lines.Scan(); {
		if _, err := db.Exec(lines.Text()); err != nil {
			return fmt.Errorf("%s: %w", lines.Text(), err)
		}
		if _, err := fmt.Fprintln(answers, answer); err != nil {
			return err
		}
	}
	return nil
}

// answer is what the client prints when a statement is done.
const answer = "done"

// client is such a process, as its parent sees it.
type client struct {
	cmd     *exec.Cmd
	end     context.CancelFunc
	orders  io.WriteCloser
	answers *bufio.Scanner
}

func start(ctx context.Context, path string, l Level) (*client, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start a client: %w", err)
	}
	ctx, end := context.WithTimeout(ctx, longest)
	c := &client{cmd: exec.CommandContext(ctx, self), end: end}
	c.cmd.Env, c.cmd.Stderr = environment(path, l), os.Stderr
	in, err := c.cmd.StdinPipe()
	if err == nil {
		var out io.Reader
		out, err = c.cmd.StdoutPipe()
		c.orders, c.answers = in, bufio.NewScanner(out)
	}
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		end()
		return nil, fmt.Errorf("start a client: %w", err)
	}
	return c, nil
}

func environment(path string, l Level) []string {
	return append(os.Environ(), fileVariable+"="+path, levelVariable+"="+string(l))
}

// do has a statement executed, and waits until it is done.
func (c *client) do(statement string) error {
	if _, err := fmt.Fprintln(c.orders, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return c.wait()
}

// wait waits for the next answer.
func (c *client) wait() error {
	if !c.answers.Scan() {
		return errors.Join(errors.New("the client has gone"), c.answers.Err())
	}
	return nil
}

// kill ends the client as kill -9 does, and returns how many answers it had
// still given.
func (c *client) kill() (more int) {
	_ = c.cmd.Process.Kill() // an error means that it has ended
	for c.answers.Scan() {
		more++
	}
	_ = c.orders.Close()
	_ = c.cmd.Wait() // it says that the client was killed
	c.end()
	return more
}
