package serve_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/serve"
)

// counter is a chapter whose one service counts the requests to it, and a port for it.
type counter struct {
	lab.Chapter
	address string
}

func counting(t *testing.T) counter {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	service := lab.Service{
		Name:   "counter",
		Schema: "CREATE TABLE counter (n INTEGER); INSERT INTO counter VALUES (0)",
		New: func(db *sqlite.DB, _ *http.Client) http.Handler {
			return httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
				var n int
				err := db.Update(r.Context(), func(tx *sqlite.Tx) error {
					return tx.QueryRow("UPDATE counter SET n = n + 1 RETURNING n").Scan(&n)
				})
				if err != nil {
					return err
				}
				return httpapi.WriteJSON(w, http.StatusOK, n)
			})
		},
	}
	return counter{lab.Chapter{
		Name: "chapter", Scenarios: []lab.Scenario{{Name: "none"}},
		Variants: []lab.Variant{{Name: "alone", Services: []lab.Service{service}}},
	}, free.Addr().String()}
}

// serve serves the chapter until ctx is done.
func (c counter) serve(ctx context.Context, out io.Writer, flags ...string) error {
	_, port, err := net.SplitHostPort(c.address)
	if err != nil {
		return err
	}
	args := slices.Concat([]string{"-serve", "-port", port}, flags, []string{"counter"})
	return cli.Run(ctx, c.Chapter, args, out, io.Discard)
}

// askOnce asks the counter once it listens.
func askOnce(t *testing.T, c counter) (answer string) {
	t.Helper()
	require.Eventually(t, func() bool {
		r, err := http.Get("http://" + c.address)
		if err != nil {
			return false
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		answer = strings.TrimSpace(string(text))
		return err == nil
	}, 20*time.Second, 5*time.Millisecond)
	return answer
}

func TestEachServiceOfAChapterHasItsPort(t *testing.T) {
	services := []lab.Service{{Name: "order"}, {Name: "stock"}}
	c := lab.Chapter{Name: "ch04-saga", Default: "second", Variants: []lab.Variant{
		{Name: "first", Services: services}, {Name: "second", Services: services},
		{Name: "third", Services: services},
	}}
	var ports []string
	for _, v := range c.Variants {
		ports = append(ports, serve.Typed(c, v, "curl http://order/orders http://stock/items"))
	}
	require.Equal(t, []string{
		"curl http://127.0.0.1:7410/orders http://127.0.0.1:7411/items",
		"curl http://127.0.0.1:7400/orders http://127.0.0.1:7401/items",
		"curl http://127.0.0.1:7420/orders http://127.0.0.1:7421/items",
	}, ports)
	c.Default = ""
	require.Equal(t, "http://127.0.0.1:7401/", serve.Typed(c, c.Variants[0], "http://stock/"))
}

func TestServedFilesAreKeptInTheFolderThatIsNamed(t *testing.T) {
	c, dir := counting(t), filepath.Join(t.TempDir(), "shop")
	for _, want := range []string{"1", "2"} {
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.serve(ctx, io.Discard, "-dir", dir) }()
		require.Equal(t, want, askOnce(t, c))
		end()
		require.NoError(t, <-ended)
	}
	require.FileExists(t, filepath.Join(dir, "counter.db"))
}

func TestFileThatIsRefusedIsNamedAndNothingElseIsSaid(t *testing.T) {
	c, dir := counting(t), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "counter.db"), []byte("hello"), 0o600))
	var out bytes.Buffer
	err := c.serve(t.Context(), &out, "-dir", dir)
	require.ErrorIs(t, err, sqlite.ErrForeign)
	require.NotContains(t, err.Error(), "\n")
	require.Empty(t, out.String())
}

func TestFileOfAnotherVariantIsRefused(t *testing.T) {
	c, dir := counting(t), t.TempDir()
	c.Variants = append(c.Variants, lab.Variant{Name: "other", Services: c.Variants[0].Services})
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	serve := func(ctx context.Context, variant string) error {
		return c.serve(ctx, io.Discard, "-variant", variant, "-dir", dir)
	}
	go func() { ended <- serve(ctx, "alone") }()
	askOnce(t, c)
	end()
	require.NoError(t, <-ended)
	ctx, end = context.WithTimeout(t.Context(), time.Minute)
	defer end()
	err := serve(ctx, "other")
	require.ErrorIs(t, err, sqlite.ErrForeign)
}

// fullDisk is a gate at which the disk is full once.
type fullDisk struct{ struck bool }

func (*fullDisk) Begin(context.Context, bool) error { return nil }

func (g *fullDisk) Commit(_ context.Context, _ bool, commit func() error) error {
	if !g.struck {
		g.struck = true
		return errors.New("disk full")
	}
	return commit()
}

func TestServedProcessEndsAfterAnUnknownCommit(t *testing.T) {
	c := counting(t)
	service := c.Variants[0].Services[0]
	db, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(t.TempDir(), "counter.db"), Schema: service.Schema, Gate: &fullDisk{},
	})
	require.NoError(t, err)
	listener, err := net.Listen("tcp", c.address)
	require.NoError(t, err)
	ctx, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- serve.RunOn(ctx, service, db, listener) }()
	require.Contains(t, askOnce(t, c), "unknown")
	err = <-ended
	require.NoError(t, ctx.Err(), "it lives on")
	require.ErrorContains(t, err, "the outcome of a commit is unknown, so this process ends")
	require.NotContains(t, err.Error(), "\n")
}

func TestOneCauseIsLoggedOnce(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(serve.NewSparing(slog.NewTextHandler(&out, nil)))
	for range 3 {
		log.Error("request failed", "path", "/orders", "error", errors.New("disk full"))
		log.With("id", 1).Error("saga stays open", "error", errors.New("disk full"))
	}
	log.Error("request failed", "error", errors.New("another cause"))
	log.Info("no error")
	log.Info("no error")
	require.Equal(t, 4, strings.Count(out.String(), "\n"), out.String())
	require.Equal(t, 1, strings.Count(out.String(), "disk full"))
}
