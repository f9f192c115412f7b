package page_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/live"
)

// told is what a job has told so far.
type told struct {
	words []string
	state live.State // the last
}

// record reads what a job has told, beside the page. It asks for nothing else
// than the page does, and ends at the reply that the page has shown last.
func record(t *testing.T, server *httptest.Server, job string) (all told) {
	t.Helper()
	b := &tab{t: t, server: server, job: job}
	b.listen("")
	for {
		s := b.next()
		switch s.name {
		case "":
			require.Fail(t, "the stream ended")
		case "step":
			var step struct{ Words string }
			require.NoError(t, json.Unmarshal([]byte(s.data), &step))
			all.words = append(all.words, step.Words)
		case "state":
			all.state = live.State{}
			require.NoError(t, json.Unmarshal([]byte(s.data), &all.state))
		case "reply":
			if strings.Contains(s.data, `"verdict"`) {
				return all
			}
		}
	}
}

// effects are written as the page does.
func (a told) effects() (list []string) {
	for _, e := range a.state.Effects {
		list = append(list, fmt.Sprint(e.Order, " ", e.Kind, " ", e.Account, " ", e.Amount))
	}
	return list
}

// commit tells whether a sentence tells of a commit.
func commit(words string) bool { return strings.Contains(words, " commits") }

// axeVariable names the file axe.min.js of the npm package axe-core.
const axeVariable = "AXE_CORE"

// axeCore is the program that looks for what keeps people out.
func axeCore(t *testing.T) string {
	t.Helper()
	name := os.Getenv(axeVariable)
	const unset = "%s is not set: it names axe.min.js of the npm package axe-core, as in .ci/run"
	if name == "" && os.Getenv("CI") != "" {
		t.Fatalf(unset, axeVariable)
	}
	if name == "" {
		t.Skipf(unset, axeVariable)
	}
	program, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(program)
}
