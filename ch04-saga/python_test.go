package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
	"example.com/dtx/lab/sim"
)

// mixed is the orchestrated shop with stock and payment in Python.
func mixed(t *testing.T) lab.Variant {
	t.Helper()
	v, python := orchestrated(), python(t)
	v.Services[1] = inPython(python, "stock", "python/stock.py", "take", "")
	v.Services[2] = inPython(python, "payment", "python/payment_fastapi.py", "authorize", "capture")
	v.Spares = []lab.Service{orchestrator(shop.RoomForOne, 1)}
	return v
}

// inPython is a participant whose program is in Python.
func inPython(python, name, program, take, finish string) lab.Service {
	return lab.Service{
		Name: name, Command: []string{python, program},
		Audit: func(answer []byte) (l lab.Ledger, err error) {
			var said struct {
				Accounts []struct {
					Name   string
					Amount int64
				}
				Steps []struct {
					Saga, Step, Name string
					Amount           int64
				}
			}
			if err := json.Unmarshal(answer, &said); err != nil {
				return l, fmt.Errorf("audit %s: %w", name, err)
			}
			for _, a := range said.Accounts {
				left := lab.Balance{Kind: name, Account: a.Name, Amount: a.Amount}
				l.Balances = append(l.Balances, left)
			}
			finished := map[string]bool{}
			for _, s := range said.Steps {
				finished[s.Saga] = finished[s.Saga] || s.Step == finish
			}
			for _, s := range said.Steps {
				if s.Step != take {
					continue
				}
				l.Effects = append(l.Effects, lab.Effect{
					Kind: name, Order: s.Saga, Account: s.Name, Amount: s.Amount,
				})
				if finish != "" && !finished[s.Saga] {
					l.Stuck = append(l.Stuck, s.Saga+" waits for "+finish)
				}
			}
			return l, nil
		},
	}
}

// python returns an interpreter that has FastAPI: itself, no script that looks for it.
func python(t *testing.T) string {
	t.Helper()
	for _, path := range []string{"python3", "/usr/bin/python3"} { // Debian's packages are there
		path, err := exec.CommandContext(t.Context(), path, "-c",
			"import fastapi, sqlite3, sys, uvicorn; print(sys.executable)").Output()
		if err == nil {
			return strings.TrimSpace(string(path))
		}
	}
	const missing = "no python3 with FastAPI and uvicorn on this machine"
	if os.Getenv("CI") == "" {
		t.Skip(missing)
	}
	require.Fail(t, missing)
	return ""
}

// TestTheShopWithServicesInPythonIsWhole plays the chapter's scenarios with the
// orchestrator and delivery in Go, stock and payment in Python, all in real processes:
// under each fault at a message, the death of each service among them. What Python has
// done is read from GET /ledger. The second tier plays a share of the two scenarios that
// between them have every call.
func TestTheShopWithServicesInPythonIsWhole(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves it out: each run starts Python anew")
	}
	t.Parallel()
	v, whole := mixed(t), os.Getenv(lab.WholeVariable) != ""
	programs, err := filepath.Glob("python/*.py") // so that go test runs again if one changes
	require.NoError(t, err)
	require.NotEmpty(t, programs)
	for _, s := range chapter().Scenarios {
		if s.Suits(v) && (whole || s.Name == "success" || s.Name == "slot full") {
			t.Run(s.Name, func(t *testing.T) { isWhole(t, v, s, whole) })
		}
	}
}

// isWhole plays a scenario under each fault at a message, or a share of those to Python.
func isWhole(t *testing.T, v lab.Variant, s lab.Scenario, whole bool) {
	t.Helper()
	plain, err := real.Play(t.Context(), chapter(), v, s)
	require.NoError(t, err)
	require.Empty(t, plain.Findings, "without a fault")
	var faults []fault.Fault
	for _, o := range plain.Offers {
		if whole && atMessage(o.Fault) || toPython(o.Fault) {
			faults = append(faults, o.Fault)
		}
	}
	slices.SortStableFunc(faults, func(a, b fault.Fault) int { // a share has each kind
		return strings.Compare(string(a.Kind), string(b.Kind))
	})
	report := playInShop(t, v, s, sim.Share(t, "faults in the shop with Python", faults))
	lab.NewTeller(t.Output()).Table(lab.KindTable(report))
	for _, d := range report.Damages {
		var drawing strings.Builder
		require.NoError(t, event.Text(&drawing, v.Columns(), d.Events))
		t.Errorf("%d runs break it: %s\nthe shortest is %s\n\n%s",
			d.Runs, d.Text, d.Cause(), &drawing)
	}
}

// atMessage tells whether a fault strikes at a message, and no process is taken for dead.
// What stands still for 15 s is left to the simulation: a real run is audited before.
func atMessage(f fault.Fault) bool {
	long := []fault.Kind{fault.Partition, fault.Pause, fault.Slow}
	return !slices.Contains(long, f.Kind) && !strings.Contains(f.Point, ": commit ") &&
		!strings.HasPrefix(string(f.Kind), "zombie")
}

// toPython tells whether a fault strikes at a message to a service in Python. What a
// stranger answers does not reach Python.
func toPython(f fault.Fault) bool {
	strangers := []fault.Kind{fault.Stranger200, fault.Stranger404, fault.Stranger502}
	python := strings.HasPrefix(f.Point, "stock: ") || strings.HasPrefix(f.Point, "payment: ") ||
		strings.Contains(f.Point, "→ stock: ") || strings.Contains(f.Point, "→ payment: ")
	return python && atMessage(f) && !slices.Contains(strangers, f.Kind)
}

// playedAtOnce is how many shops run at the same time: mostly they wait.
const playedAtOnce = 6

// playInShop plays a scenario under each fault, and returns what breaks it.
func playInShop(
	t *testing.T, v lab.Variant, s lab.Scenario, faults []fault.Fault,
) lab.Report {
	t.Helper()
	report := lab.Report{Variant: v.Name, Scenario: s.Name}
	var mu sync.Mutex
	var wg sync.WaitGroup
	places := make(chan struct{}, playedAtOnce)
	for _, f := range faults {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			o, err := playPatiently(t, v, s, f)
			mu.Lock()
			defer mu.Unlock()
			came := len(o.Unfired) == 0
			switch {
			case err != nil:
				t.Errorf("%s: %v", f, err)
			case came || len(o.Findings) > 0:
				report.Tally(o.Findings, []fault.Fault{f}, o.Events)
			case s.AtOnce():
				t.Logf("%s did not come: another order was first", f)
			default:
				t.Errorf("%s did not come", f)
			}
		})
	}
	wg.Wait()
	return report
}

// playPatiently plays a run, a few times if need be: on a slow machine a timeout may
// strike before the fault does.
func playPatiently(
	t *testing.T, v lab.Variant, s lab.Scenario, f fault.Fault,
) (o real.Outcome, err error) {
	t.Helper()
	for range 3 {
		o, err = real.Play(t.Context(), chapter(), v, s, f)
		if err != nil || len(o.Unfired) == 0 || len(o.Findings) > 0 {
			break
		}
	}
	return o, err
}
