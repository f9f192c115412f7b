package study

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"time"

	"example.com/dtx/internal/machine"
	"example.com/dtx/internal/program"
)

// poll is how often watch looks: that works on every file system.
const poll = 500 * time.Millisecond

// watch tests an exercise again whenever one of its files changes, until ctx is
// done. A student who watches it has begun it.
func (s *session) watch(ctx context.Context, e Exercise) error {
	if _, err := machine.FindCompiler(ctx); err != nil {
		return err
	}
	if err := s.progress.begin(e); err != nil {
		return err
	}
	err := e.Watch(ctx, func() error {
		s.test(ctx, e)
		return nil
	})
	if ctx.Err() != nil {
		return nil // Ctrl-C is how watching ends
	}
	return err
}

// Watch calls a function, and again whenever one of an exercise's files has
// changed since, until ctx is done or the function fails.
func (e Exercise) Watch(ctx context.Context, changed func() error) error {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	var before map[string]stamp
	for {
		now, err := stamps(e.Dir)
		if err != nil {
			return err
		}
		if !maps.Equal(before, now) {
			before = now
			if err := changed(); err != nil {
				return err
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// test runs an exercise's tests. How they end, they say themselves.
func (s *session) test(ctx context.Context, e Exercise) {
	fmt.Fprintf(s.stdout, "\n── %s  go test ./%s\n", time.Now().Format(time.TimeOnly), e.Folder)
	test := goTest(ctx, s.root, "./"+e.Folder)
	out, stop := program.Watch(s.stdout, s.stderr, "testing")
	test.Stdout = until{ctx, out}
	test.Stderr = test.Stdout
	err := test.Run()
	stop()
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		fmt.Fprintf(s.stdout, "all steps pass. Now compare: %s solution %d\n", s.goRun(), e.Chapter)
		return
	}
	fmt.Fprintln(s.stdout, "waiting for a change (Ctrl-C ends)")
}

// until is a writer whose writes mean nothing any more once ctx is done.
type until struct {
	ctx context.Context
	io.Writer
}

func (u until) Write(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return len(p), nil
	}
	return u.Writer.Write(p)
}

// stamp is what changes with a file.
type stamp struct {
	modified time.Time
	size     int64
}

// stamps returns those of an exercise's Go files, packages below included.
func stamps(dir string) (map[string]stamp, error) {
	found := map[string]stamp{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil // an editor is just replacing it
		}
		found[path] = stamp{info.ModTime(), info.Size()}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", dir, err)
	}
	return found, nil
}
