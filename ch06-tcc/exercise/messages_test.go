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
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab/grade"
)

// brokenPromise has an operator end by hand what stock has reserved. The message that
// comes then cannot be carried out, and after a "done" the initiator would forget the
// transaction.
func brokenPromise(t *grade.T) {
	t.Helper()
	for _, row := range []struct{ first, second string }{
		{"cancel", "confirm"}, {"confirm", "cancel"},
	} {
		answers := told(t, "try", row.first, row.second)
		done := fmt.Sprintf("stock has reserved, an operator sends a %s by hand, and the "+
			"initiator sends a %s", row.first, row.second)
		for i, verb := range []string{"try", row.first} {
			if answers[i] != http.StatusOK {
				t.Wrong(done, fmt.Sprintf("the answer to the %s was %d", verb, answers[i]))
			}
		}
		if answers[2] == http.StatusOK {
			t.Wrong(done, fmt.Sprintf("the answer to the %s was 200: the initiator takes it for "+
				"done, and no operator hears of it", row.second))
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
