// Package replicated measures what three brokers promise that keep each message three
// times: their leader is killed while messages are published.
package replicated

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"example.com/dtx/internal/program"
)

// nodeVariable is set in the environment of a process that is to be a broker.
const nodeVariable = "REPLICATED_NODE"

// node is one of the brokers.
type node struct {
	Name   string
	Folder string
	Client int   // the port for clients
	Peer   int   // the port for the other brokers
	Peers  []int // those of all brokers
}

// Child is a broker and does not return, if this process was started to be one. A program
// and its tests call it first. It ends when its parent has gone.
func Child() {
	text := os.Getenv(nodeVariable)
	if text == "" {
		return
	}
	if err := serve(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serve(text string) error {
	var n node
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		return err
	}
	s, err := server.NewServer(n.options())
	if err != nil {
		return err
	}
	s.Start()
	_, err = io.Copy(io.Discard, os.Stdin)
	s.Shutdown()
	s.WaitForShutdown()
	return err
}

func (n node) options() *server.Options {
	o := &server.Options{
		ServerName: n.Name, Host: "127.0.0.1", Port: n.Client, NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: n.Folder, SyncAlways: true,
		Cluster: server.ClusterOpts{Name: "shop", Host: "127.0.0.1", Port: n.Peer},
	}
	for _, port := range n.Peers {
		o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: host(port)})
	}
	return o
}

func host(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// process is a broker as its parent sees it.
type process struct {
	cmd  *exec.Cmd
	hold io.Closer // its standard input
}

// start starts the brokers. The caller kills those in the list, also after an error.
func start(ctx context.Context, dir string) (urls []string, list map[string]process, err error) {
	ports, err := freePorts(2 * copies)
	if err != nil {
		return nil, nil, err
	}
	list = map[string]process{}
	for i := range copies {
		n := node{
			Name: fmt.Sprintf("broker-%d", i+1), Folder: filepath.Join(dir, fmt.Sprint(i+1)),
			Client: ports[i], Peer: ports[copies+i], Peers: ports[copies:],
		}
		if list[n.Name], err = n.start(ctx); err != nil {
			delete(list, n.Name)
			return nil, list, err
		}
		urls = append(urls, "nats://"+host(n.Client))
	}
	return urls, list, nil
}

func (n node) start(ctx context.Context) (p process, err error) {
	self, err := os.Executable()
	if err != nil {
		return p, err
	}
	text, err := json.Marshal(n)
	if err != nil {
		return p, err
	}
	p.cmd = exec.CommandContext(ctx, self)
	p.cmd.Env = append(os.Environ(), nodeVariable+"="+string(text))
	p.cmd.Stderr, p.cmd.WaitDelay = os.Stderr, time.Second
	if p.hold, err = p.cmd.StdinPipe(); err != nil {
		return p, err
	}
	return p, p.cmd.Start()
}

// kill ends a broker as kill -9 does.
func (p process) kill() {
	_ = p.cmd.Process.Kill() // an error means that it has ended
	_ = p.hold.Close()
	_ = p.cmd.Wait() // it says that the broker was killed
}

// freePorts returns different ports that no program listens at now.
func freePorts(n int) (ports []int, err error) {
	for len(ports) < n {
		text, err := program.Port()
		if err != nil {
			return nil, err
		}
		port, err := strconv.Atoi(text)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	return ports, nil
}
