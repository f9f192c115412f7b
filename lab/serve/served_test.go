package serve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
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

// counting is a chapter whose one service counts the requests to it.
func counting(t *testing.T) lab.Chapter {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	service := lab.Service{
		Name: "counter", Port: free.Addr().(*net.TCPAddr).Port,
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
	return lab.Chapter{
		Name: "chapter", Scenarios: []lab.Scenario{{Name: "none"}},
		Variants: []lab.Variant{{Name: "alone", Services: []lab.Service{service}}},
	}
}

func address(c lab.Chapter) string {
	return fmt.Sprintf("http://127.0.0.1:%d", c.Variants[0].Services[0].Port)
}

// askOnce asks the counter once it listens.
func askOnce(t *testing.T, c lab.Chapter) (answer string) {
	t.Helper()
	require.Eventually(t, func() bool {
		r, err := http.Get(address(c))
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

func TestServedFilesAreKeptInTheFolderThatIsNamed(t *testing.T) {
	c, dir := counting(t), filepath.Join(t.TempDir(), "shop")
	for _, want := range []string{"1", "2"} {
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		args := []string{"-serve", "-dir", dir}
		go func() { ended <- cli.Run(ctx, c, args, io.Discard, io.Discard) }()
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
	err := cli.Run(t.Context(), c, []string{"-serve", "-dir", dir}, &out, io.Discard)
	require.ErrorIs(t, err, sqlite.ErrForeign)
	require.NotContains(t, err.Error(), "\n")
	require.Empty(t, out.String())
}

func TestFileOfAnotherVariantIsRefused(t *testing.T) {
	c, dir := counting(t), t.TempDir()
	c.Variants = append(c.Variants, lab.Variant{Name: "other", Services: c.Variants[0].Services})
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	serve := func(variant string) []string {
		return []string{"-serve", "-variant", variant, "-dir", dir}
	}
	go func() { ended <- cli.Run(ctx, c, serve("alone"), io.Discard, io.Discard) }()
	askOnce(t, c)
	end()
	require.NoError(t, <-ended)
	ctx, end = context.WithTimeout(t.Context(), time.Minute)
	defer end()
	err := cli.Run(ctx, c, serve("other"), io.Discard, io.Discard)
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
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", service.Port))
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
