package exercise

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch06-tcc/exercise/shop"
	"example.com/dtx/ch06-tcc/stock"
	"example.com/dtx/course/grade"
	"example.com/dtx/internal/sqlite"
)

// brokenPromise has stock hear a decision that it cannot carry out. After a "done" the
// initiator would forget the transaction.
func brokenPromise(t *grade.T) {
	t.Helper()
	mustRefuse(t, "stock hears a confirm, and has reserved nothing", "confirm")
	mustRefuse(t, "stock has reserved, an operator cancels by hand, and the initiator confirms",
		"try", "cancel", "confirm")
	mustRefuse(t, "stock has confirmed, and hears a cancel", "try", "confirm", "cancel")
}

// lateTry has a try come after its cancel.
func lateTry(t *grade.T) {
	t.Helper()
	mustRefuse(t, "stock hears a cancel, and then its try", "cancel", "try")
}

// mustRefuse has stock get messages. It must acknowledge all but the last.
func mustRefuse(t *grade.T, done string, verbs ...string) {
	t.Helper()
	for i, answer := range told(t, verbs...) {
		isLast, ok := i == len(verbs)-1, answer == http.StatusOK
		switch {
		case isLast && ok:
			t.Wrong(done, fmt.Sprintf("the answer to the %s was 200: the initiator takes for done "+
				"what was not done", verbs[i]))
		case !isLast && !ok:
			t.Wrong(done, fmt.Sprintf("the answer to the %s was %d", verbs[i], answer))
		}
	}
}

// told has stock get messages of one transaction, one after the other, and returns the
// answers' statuses.
func told(t *grade.T, verbs ...string) (answers []int) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{
		Path:   filepath.Join(t.TempDir(), "stock.db"),
		Schema: shop.Schema + "INSERT INTO accounts VALUES ('tea', 10, 0);",
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	p := shop.NewParticipant(db, stock.Rules(), written())
	for _, verb := range verbs {
		body := "{}"
		if verb == "try" {
			body = `{"name":"tea","amount":2}`
		}
		r := httptest.NewRequest(http.MethodPost, "/"+verb, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "order-1")
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		answers = append(answers, w.Code)
	}
	return answers
}
