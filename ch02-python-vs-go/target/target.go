// Package target starts, kills and watches the implementations of the job
// service, each a process of its own. It knows how a language's program is
// started, and nothing else of it.
package target

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// ErrMissing is returned where what an implementation runs on is not installed.
var ErrMissing = errors.New("not installed")

// Names are those of the implementations.
const (
	Go      = "go"
	Stdlib  = "stdlib"
	FastAPI = "fastapi"
)

// Target is an implementation that can be started.
type Target struct {
	Name      string
	Versions  string   // versions of what it runs on, in one line
	Processes int      // number of processes that share its port
	command   []string // a program and its arguments
	env       []string
}

// NewGo builds the Go service in chapter, the chapter's folder, into dir. The
// flags are for go build.
func NewGo(ctx context.Context, chapter, dir string, flags ...string) (Target, error) {
	program := filepath.Join(dir, "jobs.exe") // Windows wants the ending, the others do not mind
	args := slices.Concat([]string{"build", "-o", program}, flags, []string{"./golang"})
	build := exec.CommandContext(ctx, "go", args...)
	build.Dir = chapter
	if said, err := build.CombinedOutput(); err != nil {
		return Target{}, fmt.Errorf("build the service in Go: %w\n%s", err, said)
	}
	version, err := exec.CommandContext(ctx, "go", "env", "GOVERSION").Output()
	if err != nil {
		return Target{}, fmt.Errorf("ask for Go's version: %w", err)
	}
	number := strings.TrimPrefix(strings.TrimSpace(string(version)), "go")
	return Target{
		Name: Go, Versions: "Go " + number, Processes: 1, command: []string{program},
	}, nil
}

// NewStdlib finds an interpreter for the service in chapter that needs Python's
// standard library only. It may be ErrMissing.
func NewStdlib(ctx context.Context, chapter string) (Target, error) {
	p, err := findPython(ctx, fastapiProbe) // the same for both, if there is one
	if err != nil {
		p, err = findPython(ctx, stdlibProbe)
	}
	if err != nil {
		return Target{}, fmt.Errorf("%w: no Python 3.9 or later, with SQLite 3.37 or later; "+
			"see python.org", ErrMissing)
	}
	return p.target(Stdlib, p.versions[0], chapter, 1), nil
}

// NewFastAPI finds an interpreter that has FastAPI, for the service in chapter
// that needs it, in one process or several. It may be ErrMissing.
func NewFastAPI(ctx context.Context, chapter string, processes int) (Target, error) {
	p, err := findPython(ctx, fastapiProbe)
	if err != nil {
		return Target{}, fmt.Errorf("%w: no Python that has FastAPI; "+
			"on Debian and Ubuntu apt install %s, elsewhere pip install -r %s", ErrMissing,
			"python3-fastapi python3-uvicorn python3-httptools python3-uvloop",
			"ch02-python-vs-go/python/fastapi/requirements.txt")
	}
	return p.target(FastAPI, strings.Join(p.versions, ", "), chapter, processes), nil
}

// interpreter is a Python.
type interpreter struct {
	path     string
	versions []string // its own first
}

func (p interpreter) target(name, versions, chapter string, processes int) Target {
	return Target{
		Name: name, Versions: versions, Processes: processes,
		command: []string{p.path, filepath.Join(chapter, "python", name)},
		env: []string{
			"PYTHONPATH=" + filepath.Join(chapter, "python", "shared"),
			"PYTHONDONTWRITEBYTECODE=1", // into the tree
			fmt.Sprintf("JOBS_PROCESSES=%d", processes),
		},
	}
}

// The probes print where the interpreter is, and versions. They fail where
// something is missing.
const (
	stdlibProbe = `
import platform, sqlite3, sys
assert sys.version_info >= (3, 9) and sqlite3.sqlite_version_info >= (3, 37)
print(sys.executable)
print("Python", platform.python_version())`
	fastapiProbe = stdlibProbe + `
from importlib.metadata import version
assert version("pydantic").startswith("1.")
print("FastAPI", version("fastapi"))
print("uvicorn", version("uvicorn"))
print("pydantic", version("pydantic"))`
)

// findPython returns the first interpreter that passes a probe. The one in
// /usr/bin has the system's packages, if another stands before it in PATH.
func findPython(ctx context.Context, probe string) (interpreter, error) {
	for _, name := range []string{"python3", "/usr/bin/python3", "python"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		ask := exec.CommandContext(ctx, path, "-c", probe)
		ask.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
		if said, err := ask.Output(); err == nil {
			lines := strings.FieldsFunc(string(said), func(r rune) bool {
				return r == '\n' || r == '\r'
			})
			return interpreter{lines[0], lines[1:]}, nil
		}
	}
	return interpreter{}, exec.ErrNotFound
}
