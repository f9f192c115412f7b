package main

import (
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCIEntersEveryModule makes sure that .ci/run and the README enter the modules inside
// the course by name: its ./... does not see them.
func TestCIEntersEveryModule(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "git", "ls-files", "*/go.mod").Output()
	require.NoError(t, err)
	var modules []string
	for file := range strings.FieldsSeq(string(out)) {
		if !strings.Contains(file, "/testdata/") {
			modules = append(modules, path.Dir(file))
		}
	}
	require.NotEmpty(t, modules)
	ci, err := os.ReadFile(".ci/run")
	require.NoError(t, err)
	script := "\n" + string(ci)
	require.Contains(t, script, "\nnested=("+strings.Join(modules, " ")+")\n")
	for _, line := range []string{
		"each go vet ./...",
		"each go mod tidy -diff",
		`for module in "${nested[@]}"; do`,
		`  (cd "$module" && go test -timeout=25m ./...) >"$said/${#beside[@]}" 2>&1 &`,
		"each go test -race -timeout=40m -shuffle=on -short ./...",
	} {
		require.Contains(t, script, "\n"+line+"\n")
	}
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, module := range modules {
		require.Contains(t, string(readme), "cd "+module+" && go test ./...")
	}
}
