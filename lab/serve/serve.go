package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"example.com/dtx/lab"
)

// serveTimeout bounds a request between services that were started by hand.
const serveTimeout = 30 * time.Second

// ServeOptions say which services are run, and how.
type ServeOptions struct {
	Names []string          // the services; none means all
	Dir   string            // the folder in which their databases are kept; empty if they are not
	Port  int               // where the one service of Names listens, if it is not 0
	Peers map[string]string // the addresses of services that run elsewhere
}

// Check tells whether the variant has the services that are named.
func (o ServeOptions) Check(v lab.Variant) error {
	_, err := named(v, append(slices.Collect(maps.Keys(o.Peers)), o.Names...))
	return err
}

// Serve runs services in this process, without the laboratory, until ctx is done. Each
// listens on its own port, so that several such programs find one another.
func Serve(
	ctx context.Context, t *lab.Teller, c lab.Chapter, v lab.Variant, o ServeOptions,
) (err error) {
	services, err := named(v, o.Names)
	if err != nil {
		return err
	}
	here := func(s lab.Service) string {
		if o.Port != 0 {
			return fmt.Sprintf("127.0.0.1:%d", o.Port)
		}
		return address(c, v, s.Name)
	}
	dir, remove, err := databases(o.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	slog.SetDefault(slog.New(newSparing(slog.NewTextHandler(os.Stderr, nil))))
	var list []*served
	defer func() { err = errors.Join(err, closeAll(list)) }()
	for _, s := range services {
		p, err := prepare(ctx, c, v, s, here(s), dir)
		if err != nil {
			return err
		}
		list = append(list, p)
	}
	for _, s := range services {
		t.Say("%-10s http://%s", s.Name, here(s))
	}
	t.Say("\nTry it, in another terminal:\n")
	for _, line := range v.Try {
		t.Say("    %s", typed(c, v, line))
	}
	t.Say("\nCtrl-C ends it.%s", byHand(o.Dir))
	return runAll(ctx, list, peers(c, v, o.Peers))
}

// databases returns the folder of the databases: the folder that was asked for, which
// is kept; or a temporary one.
func databases(asked string) (dir string, remove func() error, err error) {
	if asked == "" {
		dir, err = os.MkdirTemp("", "dtx")
		remove = func() error { return os.RemoveAll(dir) }
	} else {
		dir, remove, err = asked, func() error { return nil }, os.MkdirAll(asked, 0o755)
	}
	if err != nil {
		err = fmt.Errorf("make a directory for the databases: %w", err)
	}
	return dir, remove, err
}

// byHand says how to kill this process, if there is a life after that.
func byHand(dir string) string {
	if dir == "" {
		return ""
	}
	kill := fmt.Sprintf("kill -9 %d", os.Getpid())
	if runtime.GOOS == "windows" {
		kill = fmt.Sprintf("taskkill /F /PID %d", os.Getpid())
	}
	const kills = " `%s` kills it; the same command starts it again on its files in %s."
	return fmt.Sprintf(kills, kill, dir)
}

// named picks services by name; no name means all.
func named(v lab.Variant, names []string) ([]lab.Service, error) {
	if len(names) == 0 {
		return v.Services, nil
	}
	var list []lab.Service
	for _, name := range names {
		i := slices.IndexFunc(v.Services, func(s lab.Service) bool { return s.Name == name })
		if i < 0 {
			const unknown = "the variant %s has no service %q; it has: %s"
			has := strings.Join(v.Columns()[1:], ", ")
			return nil, fmt.Errorf(unknown, v.Name, name, has)
		}
		list = append(list, v.Services[i])
	}
	return list, nil
}

// peers is a client that finds the services at their ports, or elsewhere if it is told so.
func peers(c lab.Chapter, v lab.Variant, elsewhere map[string]string) *http.Client {
	return &http.Client{Timeout: serveTimeout, Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			name, _, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(v.Columns()[1:], name) {
				return nil, fmt.Errorf("no service %q", name)
			}
			var d net.Dialer
			return d.DialContext(ctx, network, cmp.Or(elsewhere[name], address(c, v, name)))
		},
	}}
}
