package page_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// bound is how long a test waits for something before it says what is missing.
// On a fresh machine, a chapter takes minutes to build the first time.
const bound = 4 * time.Minute

// screenshots names a directory for pictures of the pages. It is optional.
const screenshots = "PAGE_SCREENSHOTS"

// chromium starts a browser with a profile of its own, and returns a tab.
func chromium(t *testing.T) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no Chromium, which this test needs: apt install chromium")
		}
		t.Skip("no Chromium, which this test needs: apt install chromium")
	}
	tab, err := started(t, program)
	for range 2 { // a browser sometimes dies at its start, before it has seen a page
		if err == nil {
			break
		}
		t.Log("Chromium is started again: ", err)
		tab, err = started(t, program)
	}
	require.NoError(t, err)
	return tab
}

// started starts a browser once. All ends with the test.
func started(t *testing.T, program string) (tab context.Context, err error) {
	t.Helper()
	dir, err := os.MkdirTemp("", "dtx") // a test's own directory has too long a name for a socket
	require.NoError(t, err)
	t.Cleanup(func() { // its last processes may still be at it
		removed := func() bool { return os.RemoveAll(dir) == nil }
		require.Eventually(t, removed, bound, 10*time.Millisecond)
	})
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.UserDataDir(filepath.Join(dir, "profile")),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Env("TMPDIR="+dir),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.CombinedOutput(io.Discard))
	browser, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop) // waits until it has ended
	tab, stop = chromedp.NewContext(browser)
	t.Cleanup(stop)
	return tab, chromedp.Do(tab, features("light", "reduce"))
}

// do carries out actions in a tab, in bounded time.
func do(t *testing.T, tab context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, stop := context.WithTimeout(tab, bound)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		ctx, stop := context.WithTimeout(tab, bound)
		defer stop()
		picture(t, ctx, "failed-"+filepath.Base(t.Name()))
		const said = `(document.querySelector("#live") ?? document.body).innerText`
		text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](said))
		require.NoError(t, err, "the page says:\n%s", text)
	}
}

// eval returns the value of an expression in the page.
func eval[T any](t *testing.T, tab context.Context, expression string) T {
	t.Helper()
	ctx, stop := context.WithTimeout(tab, bound)
	defer stop()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(t, err, expression)
	return value
}

// js runs a script in the page.
func js(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](script, chromedp.EvalAwaitPromise)
}

// until waits for a condition in the page, which is looked at on every change.
func until(condition string) chromedp.Action[chromedp.Void] {
	return js(`new Promise((met) => {
		const look = () => { if (` + condition + `) { changes.disconnect(); met(); } };
		const changes = new MutationObserver(look);
		changes.observe(document, {
			subtree: true, childList: true, attributes: true, characterData: true,
		});
		look();
	})`)
}

// look sets the size of the window, and light or dark.
func look(width int64, scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.EmulateViewport(width, 900), features(scheme, "reduce"))
}

// features sets light or dark, and how much may move.
func features(scheme, motion string) chromedp.Action[chromedp.Void] {
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: motion},
	}}
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, media)
		return err
	})
}

// picture keeps what a tab shows if screenshots names a directory.
func picture(t *testing.T, tab context.Context, name string) {
	t.Helper()
	dir := os.Getenv(screenshots)
	if dir == "" {
		return
	}
	png, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}
