package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"example.com/dtx/ch02-python-vs-go/target"
)

// addresses are where -serve puts the implementations.
func addresses() map[string]string {
	return map[string]string{
		target.Go:      "127.0.0.1:7200",
		target.Stdlib:  "127.0.0.1:7201",
		target.FastAPI: "127.0.0.1:7202",
	}
}

// serve runs an implementation until ctx is done.
func (s *story) serve(ctx context.Context, name string) error {
	for _, i := range implementations() {
		if i.name != name {
			continue
		}
		t, err := i.find(ctx, s.path(), s.dir)
		if err != nil {
			return err
		}
		p, err := t.Start(ctx, target.Settings{
			Addr: addresses()[name], Database: filepath.Join(s.dir, "jobs.db"),
		})
		if err != nil {
			return err
		}
		s.Say("%-8s %s\n", name, p.URL)
		const header = `-H 'Idempotency-Key: job-1' -H 'Content-Type: application/json'`
		s.Say(`curl -s %s -d '{"kind":"sleep","amount":50}' %s/jobs`, header, p.URL)
		s.Say("curl -s %s/jobs/job-1", p.URL)
		s.Say("\nCtrl-C ends it, and its database goes.")
		select {
		case <-ctx.Done():
		case <-p.Gone():
			return errors.Join(errors.New("it has ended by itself"), p.Stop())
		}
		return p.Stop()
	}
	return usageError{fmt.Errorf("there is no implementation %q: go, stdlib or fastapi", name)}
}
