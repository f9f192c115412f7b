package machine

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// State is how something that the course uses was found.
type State string

// The states.
const (
	Found   State = "found"
	Absent  State = "absent"  // a part of the course does without
	Missing State = "missing" // nothing works without
)

// Mark is a state as one character.
func (s State) Mark() string { return map[State]string{Found: "✓", Absent: "–", Missing: "✗"}[s] }

// Check is what was found about one thing.
type Check struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	Says  string `json:"says"` // one line: what is here, or what to do
}

// Port is where the page is, if it can be.
const Port = "7380"

// longest is how long a program may take to tell its version.
const longest = 10 * time.Second

// Examine looks at all that the course in root uses.
func Examine(ctx context.Context, root string) []Check {
	return []Check{
		goCommand(ctx), compiler(ctx), built(ctx, root), port(Port), browser(),
		optional(ctx, Python()), optional(ctx, PostgreSQL()),
		optional(ctx, MariaDB()), optional(ctx, Strace()),
	}
}

func goCommand(ctx context.Context) Check {
	out, err := exec.CommandContext(ctx, "go", "env", "GOVERSION").Output()
	if err != nil {
		return Check{"Go", Missing, goFailed(err).Error()}
	}
	return Check{"Go", Found, strings.TrimSpace(string(out))}
}

func compiler(ctx context.Context) Check {
	path, err := FindCompiler(ctx)
	if err != nil {
		return Check{"C compiler", Missing, err.Error()}
	}
	return Check{"C compiler", Found, firstLine(ctx, path)}
}

// built tells whether SQLite lies in Go's cache.
func built(ctx context.Context, root string) Check {
	const driver = "github.com/mattn/go-sqlite3"
	list := exec.CommandContext(ctx, "go", "list", "-f", "{{.Stale}}", driver)
	list.Dir = root
	out, err := list.Output()
	switch {
	case err != nil:
		return Check{"SQLite", Missing, goFailed(err).Error()}
	case strings.TrimSpace(string(out)) == "false":
		return Check{"SQLite", Found, "compiled"}
	}
	return Check{"SQLite", Found, "not compiled yet: that takes a minute, once"}
}

func port(number string) Check {
	l, err := net.Listen("tcp", "127.0.0.1:"+number)
	if err != nil {
		return Check{"port " + number, Absent, "taken: the page takes another"}
	}
	_ = l.Close()
	return Check{"port " + number, Found, "free for the page"}
}

func browser() Check {
	opener := map[string]string{"darwin": "open", "windows": "rundll32"}[runtime.GOOS]
	if opener == "" {
		opener = "xdg-open"
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return Check{"browser", Absent, "no desktop here: use the terminal"}
		}
	}
	if Find(opener, nil) == "" {
		return Check{"browser", Absent, opener + " is not here: open the page yourself"}
	}
	return Check{"browser", Found, "opened with " + opener}
}

// optional looks for a tool that only a part of the course uses.
func optional(ctx context.Context, t Tool) Check {
	if path := t.Find(); path != "" {
		return Check{t.Name, Found, firstLine(ctx, path)}
	}
	how := t.HowTo(Here())
	if how == "" {
		how = "not for this system"
	}
	return Check{t.Name, Absent, fmt.Sprintf("for %s: %s", t.Use, how)}
}

// firstLine is the first line of what a program says of itself.
func firstLine(ctx context.Context, path string) string {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	ask := exec.CommandContext(ctx, path, "--version")
	out, _ := ask.CombinedOutput() // it is here if it fails, too
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line + " (" + path + ")")
}
