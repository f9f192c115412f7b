package page_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
)

// replays opens a run on the page for replays.
func replays(t *testing.T, tab context.Context, run []event.Event) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, event.Write(&out, run))
	file := filepath.Join(t.TempDir(), "run.jsonl")
	require.NoError(t, os.WriteFile(file, out.Bytes(), 0o600))
	do(t, tab, chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}),
		until(fmt.Sprintf(nowText+`.startsWith("1 of %d.")`, len(run))))
}

// besideLines is how far the middle of each head is from its lifeline.
const besideLines = `(() => {
	const middle = (e) => {
		const box = e.getBoundingClientRect();
		return box.left + box.width / 2;
	};
	const lines = [...document.querySelectorAll(".rows .lifeline")].map(middle);
	const heads = [...document.querySelectorAll(".heads .name")].map(middle);
	return heads.map((head, i) => Math.abs(head - lines[i]));
})()`

func TestEachHeadIsAboveItsLifeline(t *testing.T) {
	server := serve(t, opened(t, toy))
	tab := chromium(t)
	visit(t, tab, server.URL+"/-/replay")
	for n := 1; n <= 7; n++ {
		var run []event.Event
		for i := range n {
			run = append(run, event.Event{Service: fmt.Sprint("service-", i), Kind: event.Commit})
		}
		replays(t, tab, run)
		for _, width := range []int64{360, 1280} {
			do(t, tab, look(width, "light"))
			off := eval[[]float64](t, tab, besideLines)
			require.Len(t, off, n)
			for i, by := range off {
				require.Less(t, by, 1.5, "head %d of %d in a window of %d", i+1, n, width)
			}
		}
	}
}
