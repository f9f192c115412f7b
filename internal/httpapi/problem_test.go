package httpapi_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"testing"

	"example.com/dtx/internal/httpapi"
	"github.com/stretchr/testify/require"
)

// effect is an error as the database gives it.
type effect struct{ unknown bool }

func (effect) Error() string   { return "disk /secret is full" }
func (e effect) Unknown() bool { return e.unknown }

func TestEveryKindThatIsDeclaredIsOnTheList(t *testing.T) {
	source, err := os.ReadFile("problems.go")
	require.NoError(t, err)
	declaration := regexp.MustCompile(`(?m)^\t(\w+) +Kind = uri \+ "(.+)"$`)
	declared := declaration.FindAllStringSubmatch(string(source), -1)
	kinds := httpapi.Kinds()
	require.Len(t, declared, len(kinds))
	for _, name := range declared {
		kind := httpapi.Kind("https://example.com/dtx/problems/" + name[2])
		require.Contains(t, kinds, kind, name[1])
	}
}

func TestAProblemIsItsKindThroughAnyWrapping(t *testing.T) {
	for kind := range httpapi.Kinds() {
		err := fmt.Errorf("hold: %w", kind.With("%d left", 1))
		require.ErrorIs(t, err, kind)
		require.NotErrorIs(t, err, httpapi.Kind("other"))
		problem, ok := errors.AsType[*httpapi.Problem](err)
		require.True(t, ok)
		require.Equal(t, kind.Error()+": 1 left", problem.Error())
	}
}

func TestOnlyWhatIsKnownIsConcludedFromAnError(t *testing.T) {
	for _, row := range []struct {
		name   string
		err    error
		want   httpapi.Outcome
		reason string
	}{
		{"no error", nil, httpapi.Done, "the answer was a 2xx"},
		{"business refusal", httpapi.OutOfStock.With("1 left"), httpapi.Refused, "it is final"},
		{"bare kind", fmt.Errorf("x: %w", httpapi.SlotFull), httpapi.Refused,
			"a kind is an error as well"},
		{"in flight", httpapi.InFlight.With(""), httpapi.Unknown, "409 as well, and not final"},
		{"unavailable", httpapi.Unavailable.With(""), httpapi.NotDone, "given up before it began"},
		{"internal", httpapi.Internal.With(""), httpapi.Unknown, "before or after its commit"},
		{"commit failed", fmt.Errorf("x: %w", effect{unknown: true}), httpapi.Unknown,
			"the database says so"},
		{"queue given up", effect{unknown: false}, httpapi.NotDone, "the database says so"},
		{"refusal and failed rollback",
			errors.Join(httpapi.OutOfStock.With(""), effect{unknown: true}),
			httpapi.Unknown, "the doubt wins"},
		{"refusal and a queue", errors.Join(effect{unknown: false}, httpapi.OutOfStock.With("")),
			httpapi.Refused, "the refusal says more"},
		{"any error", errors.New("x"), httpapi.Unknown, "it is not foreseen"},
		{"foreign kind", httpapi.Kind("about:blank").With(""), httpapi.Unknown,
			"it is not on the list"},
		{"kind under another status", &httpapi.Problem{Type: httpapi.OutOfStock, Status: 502},
			httpapi.Unknown, "not the service's answer"},
		{"empty problem", &httpapi.Problem{}, httpapi.Unknown, "no kind and no status"},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.Equal(t, row.want, httpapi.OutcomeOf(row.err), row.reason)
		})
	}
}

func TestAnOutcomeThatNobodySetIsUnknown(t *testing.T) {
	var outcome httpapi.Outcome
	require.Equal(t, httpapi.Unknown, outcome)
	require.Equal(t, "unknown", outcome.String())
	require.Equal(t, "done, not done, refused",
		fmt.Sprintf("%v, %v, %v", httpapi.Done, httpapi.NotDone, httpapi.Refused))
}
