package real_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/labtest"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/toy"
)

// foreignTill is a till as a program of its own: a charge is a file, which is there or not.
func foreignTill() int {
	folder := os.Getenv("DATA")
	if os.MkdirAll(folder, 0o755) != nil {
		return 1
	}
	http.HandleFunc("POST /charge", func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("Idempotency-Key")
		if os.WriteFile(filepath.Join(folder, id), nil, 0o600) != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"charged":%q}`, id)
	})
	http.HandleFunc("GET /ledger", func(w http.ResponseWriter, _ *http.Request) {
		list := []string{}
		charges, err := os.ReadDir(folder)
		for _, c := range charges {
			list = append(list, c.Name())
		}
		if err != nil || json.NewEncoder(w).Encode(list) != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	if http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil) != nil {
		return 1
	}
	return 0
}

func TestAProgramThatIsNotOursMeetsEachFaultAtItsMessages(t *testing.T) {
	dir := labtest.OwnTemp(t)
	t.Setenv(labtest.ParentVariable, "a program that is not ours")
	exe, err := os.Executable()
	require.NoError(t, err)
	v := toy.Variant(toy.None)
	v.Services[1] = lab.Service{
		Name: "till", Command: []string{exe},
		Audit: func(answer []byte) (l lab.Ledger, err error) {
			l.Balances = []lab.Balance{{Kind: "payment", Account: "ada", Amount: 10000}}
			var charges []string
			err = json.Unmarshal(answer, &charges)
			for _, id := range charges {
				l.Balances[0].Amount -= 500
				l.Effects = append(l.Effects, lab.Effect{
					Kind: "payment", Order: id, Account: "ada", Amount: 500,
				})
			}
			return l, err
		},
	}
	plain, err := real.Play(t.Context(), toy.Chapter(), v, labtest.Scenario(t, "retry"))
	require.NoError(t, err)
	tried := map[fault.Kind]bool{}
	for _, o := range plain.Offers {
		if !strings.HasSuffix(o.Point, "till: POST /charge order-1 #1") {
			continue
		}
		ours := strings.Contains(o.Point, " → ") && o.Kind != fault.ReplyLost
		if ours || o.Kind == fault.Pause { // that lasts long
			continue
		}
		tried[o.Kind] = true
		s := labtest.Scenario(t, "retry")
		played, err := real.Play(t.Context(), toy.Chapter(), v, s, o.Fault)
		require.NoError(t, err, "%s", o.Fault)
		require.Empty(t, played.Unfired)
		require.Empty(t, played.Findings, "%s", o.Fault)
		require.Len(t, played.After.Effects, 2, "%s: the order, and its payment", o.Fault)
	}
	for _, k := range []fault.Kind{
		fault.Crash, fault.CrashBeforeReply, fault.CrashAfterReply, fault.ReplyLost,
		fault.HangUp, fault.GoodOrder,
	} {
		require.True(t, tried[k], "%s", k)
	}
	labtest.Empty(t, dir, "runs with a program that is not the laboratory's")
}
