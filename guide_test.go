package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/course/page"
)

// TestTheGuideToANewChapterWorks types the commands of CONTRIBUTING.md in a copy of the
// course, and looks at the course that comes out of it.
func TestTheGuideToANewChapterWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the guide out: its chapter is built anew for each command")
	}
	for _, program := range []string{"bash", "git", "perl"} {
		if _, err := exec.LookPath(program); err != nil && os.Getenv("CI") == "" {
			t.Skipf("the guide's commands need %s", program)
		}
	}
	dir, temporary := copied(t), t.TempDir()
	for _, step := range steps(t) {
		for _, block := range commands.FindAllStringSubmatch(step, -1) {
			typed(t, dir, temporary, block[1])
		}
	}
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	require.Empty(t, left, "temporary files after the guide's commands")
	requireJoined(t, dir)
}

// steps returns the steps of the guide to a new chapter.
func steps(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("CONTRIBUTING.md")
	require.NoError(t, err)
	_, guide, found := strings.Cut(string(text), "\n## A new chapter in eight steps\n")
	require.True(t, found, "CONTRIBUTING.md has no guide to a new chapter")
	steps := strings.Split(guide, "\n### ")[1:]
	require.Len(t, steps, 8)
	return steps
}

// copied returns a copy of the course. It is a module beside the course, so that it
// finds compiled what this one has compiled.
func copied(t *testing.T) (dir string) {
	t.Helper()
	here, err := os.Getwd()
	require.NoError(t, err)
	dir = t.TempDir()
	typed(t, dir, dir, "cp -r '"+here+"'/* . && rm guide_test.go && git init --quiet")
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	const module = "module example.com/dtx"
	mod = bytes.Replace(mod, []byte(module), []byte(module+"/ch99-toy"), 1)
	mod = append(mod, "\nrequire example.com/dtx v0.0.0\n"...)
	mod = append(mod, "\nreplace example.com/dtx => "+here+"\n"...)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), mod, 0o644))
	return dir
}

// typed types commands in a folder. A program that goes on after them is an error: it
// keeps their output open.
func typed(t *testing.T, dir, temporary, script string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir, cmd.WaitDelay = dir, 10*time.Second
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary, "UPDATE=", "GOFLAGS=-ldflags=-w -vet=off")
	began := time.Now()
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "the guide's commands fail:\n%s\n%s", script, said)
	t.Logf("%s\n%s%s", script, said, time.Since(began))
}

// requireJoined looks for the new chapter on the page, and for what the Chinese README
// lacks.
func requireJoined(t *testing.T, dir string) {
	t.Helper()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	site, err := page.NewSite(t.Context(), root)
	require.NoError(t, err)
	for address, shows := range map[string]string{
		"/":          `href="/ch99-toy/"`,
		"/ch99-toy/": `id="live"`,
	} {
		w := httptest.NewRecorder()
		site.Handler().ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1"+address, nil))
		require.True(t, strings.Contains(w.Body.String(), shows), "%s has no %s", address, shows)
	}
	english, err := os.ReadFile(filepath.Join(dir, "README.md"))
	require.NoError(t, err)
	chinese, err := os.ReadFile(filepath.Join(dir, "README.zh.md"))
	require.NoError(t, err)
	require.Len(t, stale(string(english), string(chinese)), 1, "paragraphs to translate")
}

func TestTheGuideToANewChapterNamesWhatThereIs(t *testing.T) {
	folders := map[string]string{
		"lab": "lab", "cli": "lab/cli", "real": "lab/real", "shop": "lab/shop",
		"source": "lab/source",
		"sim":    "lab/sim", "readme": "lab/readme",
		"sqlite": "internal/sqlite", "httpapi": "internal/httpapi",
	}
	guide := strings.Join(steps(t), "")
	named := regexp.MustCompile("`(lab|cli|real|shop|source|sim|readme|sqlite|httpapi)" +
		"\\.(?:[A-Z]\\w*\\.)?([A-Z]\\w*)`")
	for _, name := range named.FindAllStringSubmatch(guide, -1) {
		declared := regexp.MustCompile(`(?m)^(func (\([^)]*\) )?|type |const |\t)` + name[2] + `\b`)
		require.True(t, declared.MatchString(source(t, folders[name[1]])), "no %s", name[0])
	}
	for _, variable := range regexp.MustCompile("LAB_[A-Z]+").FindAllString(guide, -1) {
		found := strings.Contains(source(t, "lab"), `"`+variable+`"`)
		require.True(t, found, "no test asks for %s", variable)
	}
}
