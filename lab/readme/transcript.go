package readme

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// checkTranscripts runs all commands of a README, one after the other. What
// runs until Ctrl-C runs on behind those that follow.
func (k *checker) checkTranscripts(ctx context.Context) {
	var serving []*process
	for _, b := range k.blocks {
		if b.language != "console" || k.generatedAt(b.start) {
			continue
		}
		list, err := commands(b)
		if err != nil {
			k.fail(b.line, "%v", err)
		}
		for _, c := range list {
			if p := k.run(ctx, c); p != nil {
				serving = append(serving, p)
			}
		}
	}
	for _, p := range serving {
		k.stop(p)
	}
}

// run runs a command, and returns it if it runs on.
func (k *checker) run(ctx context.Context, c command) *process {
	words, err := Split(c.text)
	if err != nil {
		k.fail(c.line, "%v", err)
		return nil
	}
	serves := slices.Contains(words, "-serve")
	launch, err := k.launch(words, serves)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		k.problems = append(k.problems, Problem{
			File: k.name, Line: c.line, Text: words[0] + " is not installed", Missing: true,
		})
		return nil
	case err != nil:
		k.fail(c.line, "%v", err)
		return nil
	case serves:
		return k.serve(start(ctx, c, launch))
	}
	k.finish(start(ctx, c, launch))
	return nil
}

// launch finds out what a command runs.
func (k *checker) launch(words []string, serves bool) (launch, error) {
	if words[0] != "go" {
		path, err := exec.LookPath(words[0])
		if err != nil {
			return nil, err
		}
		return execute(k.root, append([]string{path}, words[1:]...)), nil
	}
	if len(words) < 3 || words[1] != "run" {
		return nil, errors.New("the go command runs no transcript but go run ./…; " +
			"show this one in a block of sh")
	}
	run, args := k.Programs[words[2]], words[3:]
	switch {
	case run == nil:
		return nil, fmt.Errorf("the test has no program %s", words[2])
	case slices.Contains(args, "-explore"), slices.Contains(args, "-mistake"):
		return nil, errors.New("this runs go test, which a transcript must not; " +
			"show it in a block of sh, and its result as generated text")
	case serves:
		return serve(run, args), nil
	}
	return goRun(run, args), nil
}

// finish waits for a command's end and compares what it wrote.
func (k *checker) finish(p *process) {
	defer p.cancel()
	if !p.ended(k.Wait) {
		p.cancel()
		p.ended(k.Wait)
		wrote := strings.Join(p.out.lines(), "\n")
		k.fail(p.line, "%s: it did not end within %v; it wrote:\n%s", p.text, k.Wait, wrote)
		return
	}
	if p.err != nil {
		k.fail(p.line, "%s: %v", p.text, p.err)
		return
	}
	got := p.out.lines()
	if change := p.differs(p.want, got); change != "" {
		k.stale(p, change, got)
	}
}

// serve waits until the first lines of a command that serves have come.
func (k *checker) serve(p *process) *process {
	if !slices.ContainsFunc(p.want, func(s string) bool { return !gap(s) }) {
		k.fail(p.line, "show the first lines of its output: they tell that it is ready")
		return p
	}
	want := append(slices.Clone(p.want), "...")
	p.until(func(got []string) bool {
		hopeless := len(got) > len(p.want) && !slices.ContainsFunc(p.want, gap)
		return p.differs(want, got) == "" || hopeless && !k.Update
	}, k.Wait)
	got := p.out.lines()
	if change := p.differs(want, got); change != "" {
		k.stale(p, change, got)
	}
	if p.interrupted {
		k.stop(p)
		return nil
	}
	return p
}

// stop ends a command as Ctrl-C does.
func (k *checker) stop(p *process) {
	select {
	case <-p.done:
		k.fail(p.line, "%s: it ended by itself: %v", p.text, p.err)
		return
	default:
	}
	p.cancel()
	switch {
	case !p.ended(k.Wait):
		k.fail(p.line, "%s: it did not end within %v after Ctrl-C", p.text, k.Wait)
	case p.err != nil:
		k.fail(p.line, "%s: Ctrl-C ended it with an error: %v", p.text, p.err)
	}
}

func (c command) differs(want, got []string) string {
	if c.shape {
		want, got = shape(want), shape(got)
	}
	return diff(want, got)
}

// stale reports an output that is not the one shown, or shows it.
func (k *checker) stale(p *process, change string, got []string) {
	unfit := slices.ContainsFunc(got, func(s string) bool {
		return strings.HasPrefix(s, prompt) || strings.Contains(s, "```")
	})
	switch {
	case !k.Update:
		const other = "%s\nwrites something else than is shown (- shown, + written):\n%s"
		k.fail(p.line, other, p.text, change)
	case unfit || len(got) == 0:
		const other = "%s\ncannot be shown as a transcript; it writes:\n%s"
		k.fail(p.line, other, p.text, strings.Join(got, "\n"))
	default:
		k.edits = append(k.edits, edit{p.start, p.stop, joined(got, p.prefix)})
	}
}
