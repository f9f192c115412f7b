package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/program"
	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

// TestTheSagaRunsWithStockInPython lets the orchestrator in Go ask the stock in Python: in
// real processes, with a fault at one of its messages. `go run . check` has the others.
func TestTheSagaRunsWithStockInPython(t *testing.T) {
	onSunday := tea()
	onSunday.Slot = "sun-am" // there is no place: the units are given back
	for _, row := range []struct {
		order  lab.Order
		fault  string
		status int
		left   int
	}{
		{tea(), "delivered twice @ order → stock: POST /take order-1 #1", http.StatusCreated, 8},
		{onSunday, "lost @ order → stock: POST /give-back order-1 #1", http.StatusConflict, 10},
	} {
		t.Run(row.fault, func(t *testing.T) {
			addr := startPython(t)
			f, err := fault.Parse(row.fault)
			require.NoError(t, err)
			cluster, err := lab.Start(t.Context(), orchestrated(),
				lab.Options{Keys: true, Plan: []fault.Fault{f}})
			require.NoError(t, err)
			defer func() { require.NoError(t, cluster.Close()) }()
			cluster.Adopt("stock", addr, "in Python")
			told := cluster.Place(t.Context(), row.order, 5)
			require.NoError(t, cluster.Settle(t.Context()))
			require.Equal(t, row.status, told[len(told)-1].Status, "%v", told)
			struck := false
			for _, e := range cluster.Events() {
				struck = struck || e.Data.Fault != ""
			}
			require.True(t, struck, "the fault did not strike")
			left := fmt.Sprintf(`{"name": "tea", "amount": %d}`, row.left)
			require.Contains(t, ledgerOf(t, addr), left)
		})
	}
}

// startPython starts the stock in Python, and returns its address when it is ready.
func startPython(t *testing.T) (addr string) {
	t.Helper()
	if exec.CommandContext(t.Context(), "python3", "-c", "import sqlite3").Run() != nil &&
		os.Getenv("CI") == "" {
		t.Skip("no python3 with sqlite3 on this machine")
	}
	_, err := os.Stat("python/stock.py") // so that go test runs again when it has changed
	require.NoError(t, err)
	port, err := program.Port()
	require.NoError(t, err)
	addr = "127.0.0.1:" + port
	stock := exec.CommandContext(t.Context(), "python3", "python/stock.py")
	stock.Env = append(os.Environ(), "PORT="+port, "DATA="+t.TempDir())
	stock.Stderr = os.Stderr
	program.Together(stock)
	require.NoError(t, stock.Start())
	t.Cleanup(func() {
		_ = program.Kill(stock) // an error means that it has ended
		_ = stock.Wait()        // it was killed
	})
	require.Eventually(t, func() bool {
		response, err := http.Get("http://" + addr + "/ledger")
		return err == nil && response.Body.Close() == nil
	}, time.Minute, 10*time.Millisecond)
	return addr
}

func ledgerOf(t *testing.T, addr string) string {
	t.Helper()
	response, err := http.Get("http://" + addr + "/ledger")
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(text)
}
