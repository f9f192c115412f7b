package study

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"example.com/dtx/internal/machine"
	"example.com/dtx/internal/program"
)

// doctor tells what of this machine the course can use.
func (s *session) doctor(ctx context.Context) error {
	stop := program.Progress(s.stderr, "looking at this machine")
	checks := machine.Examine(ctx, s.root)
	stop()
	if s.json {
		out := json.NewEncoder(s.stdout)
		out.SetIndent("", "  ")
		if err := out.Encode(checks); err != nil {
			return err
		}
	}
	runs := true
	for _, c := range checks {
		runs = runs && c.State != machine.Missing
		if !s.json {
			fmt.Fprintf(s.stdout, "%s  %-12s %s\n", c.State.Mark(), c.Name, c.Says)
		}
	}
	switch {
	case !runs && !s.json:
		fmt.Fprintln(s.stdout, "\nThe course does not run here: see the lines with ✗.")
	case !s.json:
		fmt.Fprintf(s.stdout, "\n%s\n", green(s.stdout, "The course runs here."))
	}
	if !runs {
		return exitError{1}
	}
	return nil
}

// green colours a line for a terminal, if its user has nothing against colours.
func green(w io.Writer, line string) string {
	if !program.Terminal(w) || os.Getenv("NO_COLOR") != "" {
		return line
	}
	return "\x1b[32m" + line + "\x1b[0m"
}
