package exercise

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch05-2pc/exercise/shop"
	"example.com/dtx/ch05-2pc/stock"
	"example.com/dtx/course/grade"
	"example.com/dtx/internal/sqlite"
)

// heldTogether has several orders want tea at the same time: stock has 10. The chapter's
// participant locks the account for the first, and fails here.
func heldTogether(t *grade.T) {
	t.Helper()
	answers := told(t, "prepare order-1.1.1 2", "prepare order-2.1.2 2",
		"prepare order-3.1.3 7", "prepare order-4.1.4 11")
	found := ""
	switch {
	case answers[1] != http.StatusOK:
		found = "order-2 wants 2, and has no yes: there is enough for both, " +
			"and a branch does not keep the whole account from the others"
	case answers[2] == http.StatusOK:
		found = "order-3 wants 7, and has a yes: if all three commit, 11 of 10 are taken"
	case answers[2] == http.StatusConflict:
		found = "order-3 wants 7, and has a no, which is final: there is enough, " +
			"if order-1 and order-2 are aborted"
	case answers[3] != http.StatusConflict:
		found = "order-4 wants 11, and has no final no: there is never enough"
	}
	if found != "" {
		t.Wrong("stock has 10 tea, of which order-1 holds 2; then others want some, too", found)
	}
}

// brokenPromise has an operator abort by hand what stock has promised. The commit that
// comes then cannot be carried out, and after a "done" the coordinator would forget the
// order.
func brokenPromise(t *grade.T) {
	t.Helper()
	answers := told(t, "prepare order-1.1.1 2", "abort order-1.1.1", "commit order-1.1.1")
	const done = "stock prepares, an operator aborts that by hand, and the coordinator says: commit"
	for i, verb := range []string{"prepare", "abort", "commit"} {
		if ok := answers[i] == http.StatusOK; ok == (verb == "commit") {
			t.Wrong(done, fmt.Sprintf("the answer to %s was %d: what is aborted is not committed, "+
				"and an operator has to know", verb, answers[i]))
		}
	}
}

// told has stock get messages, one after the other, and returns the answers' statuses.
func told(t *grade.T, messages ...string) (answers []int) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(t.TempDir(), "stock.db"), Schema: shop.Schema + stock.Accounts,
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	part := shop.Part{Prepare: Prepare, Commit: Commit, Abort: Abort}
	p := shop.NewParticipant(db, nil, stock.Rules(), part)
	for _, message := range messages {
		var verb, id, amount string
		_, _ = fmt.Sscan(message, &verb, &id, &amount) // only a prepare has an amount
		body := "{}"
		if verb == "prepare" {
			body = fmt.Sprintf(`{"order":"an order","name":"tea","amount":%s}`, amount)
		}
		r := httptest.NewRequest(http.MethodPost, "/"+verb, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", id)
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		answers = append(answers, w.Code)
	}
	return answers
}
