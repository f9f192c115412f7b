package event

import (
	"fmt"
	"strings"
)

// title names the picture for those who cannot see it.
func (d *diagram) title() string {
	last := len(d.names) - 1
	if last < 1 {
		return "Space-time diagram of " + strings.Join(append(d.names, "a run")[:1], "")
	}
	return "Space-time diagram of " + strings.Join(d.names[:last], ", ") + " and " + d.names[last]
}

// describe says in words what the picture shows.
func (d *diagram) describe(events []Event) string {
	lost, commits, forced, crashes, verdicts := 0, 0, 0, 0, ""
	for _, m := range d.messages {
		if m.lost {
			lost++
		}
	}
	for _, e := range events {
		switch {
		case e.Kind == Commit && e.Data.Forced:
			commits, forced = commits+1, forced+1
		case e.Kind == Commit:
			commits++
		case e.Kind == Crash:
			crashes++
		case e.Kind == Verdict:
			verdicts += " Verdict: " + e.word() + "."
		}
	}
	const told = "Time goes down. %s, %d of them lost; %s, %d of them forced to the disk; %s.%s"
	return fmt.Sprintf(told,
		count(len(d.messages), "message", "messages"), lost,
		count(commits, "commit", "commits"), forced,
		count(crashes, "crash", "crashes"), verdicts)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}
