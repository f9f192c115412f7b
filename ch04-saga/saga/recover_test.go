package saga_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// filled is a log with 1,000 finished sagas, 3 that are open, and one that cannot
// be read.
const filled = saga.Schema + `
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
	INSERT INTO sagas (id, began, steps, state, open)
	SELECT 'done-' || i, i, '[]', 'done', 0 FROM n;
INSERT INTO sagas (id, began, steps) SELECT value, 1,
	'[{"forward": "http://stock/take", "body": {"name": "tea", "amount": 1}}]'
	FROM json_each('["a", "done-10x", "z"]');
INSERT INTO sagas (id, began, steps) VALUES ('b', 1, 'not JSON');
`

func open(t *testing.T) *sqlite.DB {
	t.Helper()
	return openBehind(t, nil)
}

func openBehind(t *testing.T, gate sqlite.Gate) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(
		t.Context(),
		sqlite.Config{Path: filepath.Join(t.TempDir(), "order.db"), Schema: filled, Gate: gate},
	)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func TestRecoveryDoesNotReadWhatIsFinished(t *testing.T) {
	t.Parallel()
	require.NoError(t, open(t).View(t.Context(), func(tx *sqlite.Tx) error {
		var id, parent, unused int
		var plan string
		err := tx.QueryRow("EXPLAIN QUERY PLAN "+saga.ReadOpen, 0, 0, "", false, 100).
			Scan(&id, &parent, &unused, &plan)
		require.Contains(
			t,
			plan,
			"INDEX open_sagas ((began,id)>(?,?))",
			"the index that holds only open sagas is not used",
		)
		return err
	}))
}

func TestRecoveryFindsWhatIsUnfinishedAmongTheFinished(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked, all := map[string]int{}, make(chan struct{})
	stock := httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
		mu.Lock()
		defer mu.Unlock()
		id, err := httpapi.Key(r)
		if asked[id]++; len(asked) == 3 {
			close(all)
		}
		if err != nil {
			return err
		}
		return httpapi.WriteJSON(w, http.StatusOK, saga.Body{Name: "tea", Amount: 1})
	})
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	orchestrator := saga.New(open(t), &http.Client{Transport: at(stock)}, saga.MaxPlaces)
	go func() { ended <- orchestrator.Run(ctx) }()
	select {
	case <-all:
	case <-time.After(10 * time.Second):
	}
	end()
	require.NoError(t, <-ended)
	require.Equal(t, map[string]int{"a": 1, "done-10x": 1, "z": 1}, asked)
}

// at has every request served by one handler.
type at http.HandlerFunc

func (serve at) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	serve(w, r)
	return w.Result(), nil
}
