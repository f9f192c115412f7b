package main

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// open runs a shop in this process, the orchestrated one if nothing else is said,
// and returns what a customer does with it.
func open(
	t *testing.T,
	variant ...lab.Variant,
) (ask func(method, path, key, body string) (status int, answer string)) {
	t.Helper()
	return openIn(t, t.TempDir(), append(variant, orchestrated())[0])
}

// openIn runs a shop whose databases are in a folder.
func openIn(
	t *testing.T, dir string, variant lab.Variant,
) (ask func(method, path, key, body string) (status int, answer string)) {
	t.Helper()
	services := handlers{}
	for _, s := range variant.Services {
		path := filepath.Join(dir, s.Name+".db")
		db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Schema: s.Schema})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		services[s.Name] = s.New(db, &http.Client{Transport: services})
	}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, len(services))
	for _, s := range services {
		go func() {
			if r, ok := s.(lab.Runner); ok {
				ended <- r.Run(ctx)
			} else {
				ended <- nil
			}
		}()
	}
	t.Cleanup(func() {
		end()
		for range services {
			require.NoError(t, <-ended)
		}
	})
	return func(method, path, key, body string) (int, string) {
		r, err := http.NewRequestWithContext(
			t.Context(),
			method,
			"http://order"+path,
			strings.NewReader(body),
		)
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
		response, err := services.RoundTrip(r)
		require.NoError(t, err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(text)
	}
}

const (
	twoTeas = `{"customer":"ada","item":"tea","quantity":2,"slot":"mon-am"}`
	onSun   = `{"customer":"ada","item":"tea","quantity":2,"slot":"sun-am"}`
)

func TestADecidedOrderGetsTheSameAnswerAgain(t *testing.T) {
	t.Parallel()
	ask := open(t)
	for key, row := range map[string]struct {
		body   string
		status int
	}{"order-1": {twoTeas, http.StatusCreated}, "order-10": {onSun, http.StatusConflict}} {
		status, first := ask(http.MethodPost, "/orders", key, row.body)
		require.Equal(t, row.status, status, first)
		status, again := ask(http.MethodPost, "/orders", key, row.body)
		require.Equal(t, row.status, status, again)
		require.Equal(t, first, again)
	}
}

func TestAKeyBelongsToOneOrder(t *testing.T) {
	t.Parallel()
	ask := open(t)
	status, answer := ask(http.MethodPost, "/orders", "order-1", twoTeas)
	require.Equal(t, http.StatusCreated, status, answer)
	status, answer = ask(http.MethodPost, "/orders", "order-1", onSun)
	require.Equal(t, http.StatusUnprocessableEntity, status, answer)
	require.Contains(t, answer, "key-reused")
}

func TestTheHistoryOfARefusedOrderTellsWhatWasCompensated(t *testing.T) {
	t.Parallel()
	ask := open(t)
	status, answer := ask(http.MethodPost, "/orders", "order-1", onSun)
	require.Equal(t, http.StatusConflict, status, answer)
	require.Eventually(
		t,
		func() bool { // the customer hears of the refusal before all is compensated
			status, answer = ask(http.MethodGet, "/orders/order-1", "", "")
			return status != http.StatusOK || !strings.Contains(answer, `"saga":"compensating"`)
		},
		10*time.Second,
		time.Millisecond,
	)
	require.Equal(t, http.StatusOK, status, answer)
	require.Contains(t, answer, `"why":"https://example.com/dtx/problems/slot-full"`)
	require.Contains(t, answer, `"state":"refused"`)
	require.Contains(t, answer, `"saga":"compensated"`)
}

func TestWhatNobodySellsIsNoOrder(t *testing.T) {
	t.Parallel()
	ask := open(t)
	status, answer := ask(
		http.MethodPost,
		"/orders",
		"order-1",
		strings.ReplaceAll(twoTeas, "tea", "shovel"),
	)
	require.Equal(t, http.StatusUnprocessableEntity, status, answer)
	status, answer = ask(http.MethodPost, "/orders", "order-1", twoTeas)
	require.Equal(t, http.StatusCreated, status, "the key is still free: %s", answer)
}

func TestAnOrderLeavesSixRows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	status, answer := openIn(t, dir, orchestrated())(http.MethodPost, "/orders", "order-1", twoTeas)
	require.Equal(t, http.StatusCreated, status, answer)
	left := func() map[string]int {
		rows := map[string]int{}
		for _, table := range []string{
			"order orders", "order sagas", "stock steps", "payment steps", "delivery steps",
		} {
			service, name, _ := strings.Cut(table, " ")
			path := filepath.Join(dir, service+".db")
			require.NoError(t, sqlite.Inspect(t.Context(), path, func(tx *sqlite.Tx) error {
				var n int
				err := tx.QueryRow("SELECT count(*) FROM " + name).Scan(&n)
				rows[table] = n
				return err
			}))
		}
		return rows
	}
	want := map[string]int{
		"order orders": 1, "order sagas": 1,
		"stock steps": 1, "payment steps": 2, "delivery steps": 1,
	}
	captured := func() bool { return left()["payment steps"] == want["payment steps"] }
	require.Eventually(t, captured, 10*time.Second, time.Millisecond)
	require.Equal(t, want, left(), "rows that are kept for ever")
}

func TestAPriceThatNoIntegerHoldsIsRefused(t *testing.T) {
	t.Parallel()
	for _, v := range chapter().Variants {
		v.Services = slices.Clone(v.Services)
		v.Services[0].Schema += "UPDATE prices SET cents = 1 << 62 WHERE item = 'tea';"
		status, answer := open(t, v)(http.MethodPost, "/orders", "order-1", twoTeas)
		require.Equal(t, http.StatusUnprocessableEntity, status, "%s: %s", v.Name, answer)
	}
}

// TestANameThatWouldNotFitIntoAnAnswerIsNoOrder is about a refusal, which tells the
// name, and is longer than the order. If it were longer than an answer may be, no
// service would ever hear of it: an orchestrator would ask its pivot for ever, and an
// event would be sent for ever.
func TestANameThatWouldNotFitIntoAnAnswerIsNoOrder(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", httpapi.MaxBody-len(twoTeas))
	for _, v := range chapter().Variants {
		t.Run(v.Name, func(t *testing.T) {
			ask := open(t, v)
			status, answer := ask(
				http.MethodPost,
				"/orders",
				"order-1",
				strings.ReplaceAll(twoTeas, "mon-am", long),
			)
			require.Equal(t, http.StatusUnprocessableEntity, status, "%.100s", answer)
			status, answer = ask(
				http.MethodPost,
				"/orders",
				"order-1",
				strings.ReplaceAll(twoTeas, "mon-am", long[:64]),
			)
			require.Equal(t, http.StatusUnprocessableEntity, status, answer)
			require.Contains(t, answer, "unknown delivery slot")
		})
	}
}
