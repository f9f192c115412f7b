package page

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
)

// Main does what "go run . [flags] [replay FILE]" asks, and returns the exit
// code: 0 if it did, 1 if not, 2 if it did not understand.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stdout, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "%v\ngo run . -help says how to use it\n", err)
		return 2
	}
	if o.Folder, err = folder(ctx); err == nil {
		err = Serve(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

func parse(args []string, stdout, stderr io.Writer) (o Options, err error) {
	o.Out = stdout
	flags := flag.NewFlagSet("course", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&o.Port, "port", 0, "the `port` on 127.0.0.1 (the usual one, or any that is free)")
	flags.BoolVar(&o.NoOpen, "no-open", false, "do not open the browser")
	err = flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(stderr)
		fmt.Fprint(stderr, "The course in the browser.\n\nusage: go run . [flags]\n"+
			"       go run . [flags] replay FILE   a run that a failing test wrote, step by step\n"+
			"       go run . help                  the commands for your exercises\n\n")
		flags.PrintDefaults()
		return o, err
	}
	if err != nil {
		return o, err
	}
	switch rest := flags.Args(); {
	case len(rest) == 0:
	case rest[0] == "replay" && len(rest) == 2:
		o.Replay = rest[1]
	case rest[0] == "replay":
		return o, errors.New("replay wants one file of events")
	default:
		return o, fmt.Errorf("do not know what to do with %q", strings.Join(rest, " "))
	}
	return o, nil
}

// folder is where the course's go.mod is.
func folder(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("ask the go command for the course's folder: %w", err)
	}
	mod := strings.TrimSpace(string(out))
	if filepath.Base(mod) != "go.mod" {
		return "", errors.New("run this inside the course's folder: it needs the source")
	}
	return filepath.Dir(mod), nil
}
