package measure_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch02-python-vs-go/measure"
)

func TestEveryClientAsksAtTheSameTime(t *testing.T) {
	const clients = 8
	var inside, most atomic.Int64
	all := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if now := inside.Add(1); now == clients {
			most.Store(now)
			close(all)
		}
		<-all // no client is answered before all have asked
	}))
	t.Cleanup(server.Close)
	load, err := measure.Workloads()[0].Put(t.Context(), server.URL, clients, 10*time.Millisecond)
	require.NoError(t, err)
	require.EqualValues(t, clients, most.Load())
	require.Positive(t, load.Rate)
	require.LessOrEqual(t, load.P50, load.P99)
}

func TestAnAnswerThatIsNoAnswerEndsTheLoad(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	_, err := measure.Workloads()[0].Put(t.Context(), server.URL, 2, time.Minute)
	require.ErrorContains(t, err, "404")
}

func TestOnlyCodeIsCounted(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.go":      "// Package a.\npackage a\n\nfunc f() {} // that\n",
		"a_test.go": "package a\n",
		"a.py": "\"\"\"What it is,\nand why.\"\"\"\n\n# more\nimport os\n\n\n" +
			"def f():\n    \"\"\"Says f.\"\"\"\n    q = \"\"\"SELECT\n    1\"\"\"\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	n, err := measure.Lines(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	n, err = measure.Lines(filepath.Join(dir, "*.py"))
	require.NoError(t, err)
	require.Equal(t, 4, n)
}

func TestTheFirstIsTheMeasureOfTheOthers(t *testing.T) {
	all := []measure.Figures{
		{
			Target: "a", Versions: "A 1, C 3", Startup: 10 * time.Millisecond, Rest: 10 << 20,
			Loads: []measure.Load{{
				Workload: "wait", Clients: 16, Rate: 200,
				P50: 20 * time.Millisecond, P99: 30 * time.Millisecond,
			}},
		},
		{
			Target: "b", Versions: "B 2, C 3", Startup: 50 * time.Millisecond, Rest: 5 << 20,
			Loads: []measure.Load{{
				Workload: "wait", Clients: 16, Rate: 50,
				P50: time.Millisecond, P99: 2500 * time.Millisecond,
			}},
		},
	}
	require.Equal(t, [][]string{
		{"", "a", "b"},
		{"until the first answer", "10 ms", "×5.0"},
		{"memory at rest", "10 MB", "×0.50"},
		{"memory under load", "not measured", "not measured"},
	}, measure.Costs(all))
	require.Equal(t, [][]string{
		{"", "at a time", "a", "b"},
		{"wait", "16", "200/s, 20 ms/30 ms", "×0.25, 1.0 ms/2500 ms"},
	}, measure.Loads(all))
	require.Equal(t, "A 1, C 3, B 2", measure.Versions(all))
	var one, two bytes.Buffer
	require.NoError(t, measure.Chart(&one, all))
	require.NoError(t, measure.Chart(&two, all))
	require.Equal(t, one.String(), two.String(), "equal figures give equal charts")
	require.Contains(t, one.String(), "×0.25")
}
