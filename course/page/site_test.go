package page_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/course/page"
)

// toy is a course with one chapter, whose program only pretends.
const toy = "testdata/course"

// opened returns the site of a course's folder. What it started has ended when
// the test has.
func opened(t *testing.T, folder string) *page.Site {
	t.Helper()
	return openedUntil(t, context.Background(), folder)
}

// openedUntil returns the site of a course's folder, which ends with ctx.
func openedUntil(t *testing.T, ctx context.Context, folder string) *page.Site {
	t.Helper()
	root, err := os.OpenRoot(folder)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(ctx)
	s, err := page.NewSite(ctx, root)
	require.NoError(t, err)
	t.Cleanup(func() {
		stop()
		s.Wait()
		require.NoError(t, root.Close())
	})
	return s
}

// ask sends one request to the site of the toy, as if from its own page.
func ask(
	t *testing.T, method, target string, change func(*http.Request),
) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1"+target, nil)
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	opened(t, toy).Handler().ServeHTTP(w, r)
	return w
}

func get(t *testing.T, target string) *httptest.ResponseRecorder {
	return ask(t, "GET", target, nil)
}

func TestTheHomePageListsTheChaptersAndCountsWhatBreaks(t *testing.T) {
	body := get(t, "/").Body.String()
	require.Contains(t, body, `href="/ch01-toy/"`)
	require.Contains(t, body, "What can be shown?")
	require.Contains(t, body, `href="/CHOICE.md"`)
	require.Contains(t, body, "two things")
	require.Contains(t, body, `class="n broken">3<`)
	require.Contains(t, body, "<td>money</td>", "and what is paid for it")
}

func TestALessonShowsItsExcerptsWithTheirFileAndItsFigures(t *testing.T) {
	body := get(t, "/ch01-toy/").Body.String()
	require.Contains(t, body,
		`<figcaption><a href="/ch01-toy/order/order.go">ch01-toy/order/order.go</a>`)
	require.Contains(t, body, `<span class="kd">func</span>`)
	require.Contains(t, body, `<a class="figure" href="figures/forward.svg">`+
		`<img src="figures/forward.svg" alt="An order goes through">`)
	require.Contains(t, body, `data-fault="lost @ client -&gt; order: POST /orders order-1 #1"`)
	require.Contains(t, body, `<details><summary>What happened</summary>`)
	require.Contains(t, body, "begin with\n<em>emphasis</em>", "a new line is a space in English")
}

func TestEveryAddressOfTheCoursesFolderShowsWhatIsThere(t *testing.T) {
	for target, want := range map[string]string{
		"/CHOICE.md":                          "One or the other?",
		"/ch01-toy/order/order.go":            "Place",
		"/ch01-toy/order/":                    `href="order.go"`,
		"/ch01-toy/mistakes/":                 "the customer is always right",
		"/ch01-toy/figures/forward.svg":       "<svg",
		"/-/replay":                           "A file of events",
		"/-/static/page.js":                   "import",
		"/-/spacetime.css":                    ".spacetime",
		"/ch01-toy/mistakes/always-yes.patch": "conserved",
	} {
		w := get(t, target)
		require.Equal(t, http.StatusOK, w.Code, target)
		require.Contains(t, w.Body.String(), want, target)
	}
	for target, there := range map[string]string{
		"/ch01-toy": "/ch01-toy/", "/ch01-toy/README.md": "/ch01-toy/",
	} {
		w := get(t, target)
		require.Equal(t, http.StatusMovedPermanently, w.Code, target)
		require.Equal(t, there, w.Header().Get("Location"))
	}
}

func TestNoPathLeavesTheCoursesFolder(t *testing.T) {
	folder, outside := t.TempDir(), t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(toy)))
	secret := filepath.Join(outside, "secret.txt")
	require.NoError(t, os.WriteFile(secret, []byte("treasure"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, ".env"), []byte("treasure"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(folder, ".git"), 0o700))
	config := filepath.Join(folder, ".git", "config")
	require.NoError(t, os.WriteFile(config, []byte("treasure"), 0o600))
	if err := os.Symlink(secret, filepath.Join(folder, "link.txt")); err != nil {
		t.Log("no symbolic links here: that case is left out:", err)
	}
	handler := opened(t, folder).Handler()
	for _, target := range []string{
		"/link.txt", "/.env", "/.git/config", "/.git/", "/ch01-toy/../../secret.txt",
		"/%2e%2e/secret.txt", "/..%2fsecret.txt", "/ch01-toy/..%2f..%2fsecret.txt",
		"//etc/passwd", "/%2fetc%2fpasswd", "/ch01-toy/%00", `/..\secret.txt`,
	} {
		r := httptest.NewRequest("GET", "http://127.0.0.1/", nil)
		decoded := strings.NewReplacer("%2e", ".", "%2f", "/", "%00", "\x00").Replace(target)
		r.URL.Path, r.URL.RawPath = decoded, ""
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		require.NotEqual(t, http.StatusOK, w.Code, target)
		require.NotContains(t, w.Body.String(), "treasure", target)
	}
}

func TestAnotherSitesPageGetsNothing(t *testing.T) {
	origin := func(site string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Origin", site) }
	}
	host := func(name string) func(*http.Request) {
		return func(r *http.Request) { r.Host = name }
	}
	for name, change := range map[string]func(*http.Request){
		"a name that leads here":       host("evil.example"),
		"the same, with our port":      host("evil.example:7380"),
		"a name that begins like ours": host("127.0.0.1.evil.example"),
		"a form of another site":       origin("http://evil.example"),
		"a script of another site": func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		},
		"a page of another port of this machine": origin("http://127.0.0.1:1"),
	} {
		w := ask(t, "POST", "/-/live/ch01-toy", change)
		require.Equal(t, http.StatusForbidden, w.Code, name)
	}
	require.Equal(t, http.StatusForbidden, ask(t, "GET", "/", host("evil.example")).Code)
}

func TestEveryPageForbidsInlineScriptsAndOtherServers(t *testing.T) {
	for _, target := range []string{
		"/", "/ch01-toy/", "/ch01-toy/mistakes/", "/ch01-toy/exercise/", "/-/replay",
		"/-/static/page.js", "/nowhere",
	} {
		w := get(t, target)
		policy := w.Header().Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'self'", target)
		require.NotContains(t, policy, "unsafe", target)
		require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"), target)
		if strings.Contains(w.Header().Get("Content-Type"), "html") {
			require.NotContains(t, w.Body.String(), "style=",
				"%s has a style that the policy forbids", target)
			require.NotRegexp(t, `<script[^>]*>[^<]`, w.Body.String(), target)
			const elsewhere = `(src|href)="https?://[^"]*\.(js|css|png|woff2?)"`
			require.NotRegexp(t, elsewhere, w.Body.String(), target)
		}
	}
}

func TestAFileOfEventsIsReplayedOrRefusedWithItsLine(t *testing.T) {
	run, err := os.ReadFile(toy + "/ch01-toy/run.jsonl")
	require.NoError(t, err)
	send := func(body string) *httptest.ResponseRecorder {
		return ask(t, "POST", "/-/replay/steps", func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(body))
		})
	}
	w := send(string(run))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(),
		"order commits POST /orders order-1 #1, forced to the disk")
	frame, _, _ := strings.Cut(w.Body.String(), `"steps"`)
	require.Contains(t, frame, "order", "all columns are there from the start")
	for body, why := range map[string]string{
		"":                             "no event",
		string(run) + "{\"kind\":1}\n": "line 6",
		"not events":                   "line 1",
	} {
		w := send(body)
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, body)
		require.Contains(t, w.Body.String(), why)
	}
	require.Equal(t, http.StatusRequestEntityTooLarge, send(strings.Repeat("x", 17<<20)).Code)
	require.Equal(t, http.StatusNotFound, get(t, "/-/replay/steps").Code,
		"no file was named on the command line")
}
