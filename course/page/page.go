// Package page shows the course in the reader's browser: the lessons as they
// stand in the folder, and beside each its services, really running.
//
// It imports no chapter and no database. It builds a chapter's program when
// the reader wants to see it live, and passes on what the program says
// (lab/live), so that an edit takes effect at the next start.
package page

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strconv"

	"example.com/dtx/internal/httpapi"
)

//go:embed static
var static embed.FS

//go:embed views
var views embed.FS

// Options say how the course is shown.
type Options struct {
	Folder string    // the folder of the course's go.mod
	Port   int       // 0: the usual one, or any that is free
	NoOpen bool      // the browser is not opened
	Replay string    // a file of events to show first
	Out    io.Writer // where to say the address
}

// Serve shows the course on the loopback interface until ctx is done. When it
// returns, all that it started has ended.
func Serve(ctx context.Context, o Options) error {
	root, err := os.OpenRoot(o.Folder)
	if err != nil {
		return fmt.Errorf("open the course: %w", err)
	}
	defer root.Close()
	site, err := NewSite(ctx, root)
	if err != nil {
		return err
	}
	if err := site.give(o.Replay); err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	listener, err := listen(ctx, o.Port)
	if err != nil {
		return err
	}
	o.announce(ctx, "http://"+listener.Addr().String())
	defer site.Wait()
	site.jobs.all.Go(func() { site.buildFirst(ctx) })
	return httpapi.Serve(ctx, listener, site.Handler())
}

// give takes the file of events that was named on the command line, if one was.
func (s *Site) give(file string) (err error) {
	if file == "" {
		return nil
	}
	if s.replay, err = os.ReadFile(file); err != nil {
		return err
	}
	if _, err := record(s.replay); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// announce says where the course is, and opens the browser.
func (o Options) announce(ctx context.Context, url string) {
	url += "/"
	if o.Replay != "" {
		url += "-/replay"
	}
	fmt.Fprintf(o.Out, "The course is at %s\nCtrl-C ends it.\n", url)
	if o.NoOpen {
		return
	}
	if err := openBrowser(ctx, url); err != nil {
		fmt.Fprintf(o.Out, "No browser could be opened (%v): open the address yourself.\n", err)
	}
}

// usualPort is where the course is, so that the browser finds again what it
// remembers of the reader's progress.
const usualPort = 7380

// listen takes the port that was asked for; or the usual one, or one that is free.
func listen(ctx context.Context, port int) (net.Listener, error) {
	var config net.ListenConfig
	at := func(port int) (net.Listener, error) {
		l, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return nil, fmt.Errorf("serve the course: %w", err)
		}
		return l, nil
	}
	if port != 0 {
		l, err := at(port)
		if err != nil {
			err = fmt.Errorf("%w: without -port, the course takes one that is free", err)
		}
		return l, err
	}
	if l, err := at(usualPort); err == nil {
		return l, nil
	}
	return at(0)
}

// Site is the course as a web site.
type Site struct {
	root     *os.Root
	files    fs.FS // the root's files
	views    *template.Template
	jobs     *jobs
	building chan struct{} // full while a chapter is built
	replay   []byte        // the events that were given on the command line
}

// NewSite returns the site of the course in a folder. What it starts ends with
// ctx.
func NewSite(ctx context.Context, root *os.Root) (*Site, error) {
	templates, err := template.ParseFS(views, "views/*.html")
	if err != nil {
		return nil, fmt.Errorf("read the page's own templates: %w", err)
	}
	return &Site{
		root: root, files: root.FS(), views: templates,
		jobs: newJobs(ctx), building: make(chan struct{}, 1),
	}, nil
}

// Wait returns when all that the site has started has ended. It ends with the
// context that the site was given.
func (s *Site) Wait() { s.jobs.all.Wait() }

// Handler answers the browser. The address of a page is its path in the
// course's folder; what is not of the folder is below /-/.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /-/static/", http.StripPrefix("/-/", http.FileServerFS(static)))
	mux.HandleFunc("GET /-/spacetime.css", s.pictureStyle)
	mux.HandleFunc("GET "+homeInChinese, func(w http.ResponseWriter, _ *http.Request) {
		s.home(w, "zh")
	})
	mux.HandleFunc("GET /-/replay", s.showReplay)
	mux.HandleFunc("GET /-/replay/steps", s.replayGiven)
	mux.HandleFunc("POST /-/replay/steps", s.replaySent)
	mux.HandleFunc("POST /-/live/{chapter}", s.startLive)
	mux.HandleFunc("POST /-/mistakes/{chapter}/{name}", s.startMistake)
	mux.HandleFunc("POST /-/exercises/{chapter}/begin", s.begin)
	mux.HandleFunc("POST /-/exercises/{chapter}/run", s.startTests)
	mux.HandleFunc("GET /-/jobs/{id}", s.there)
	mux.HandleFunc("GET /-/jobs/{id}/events", s.follow)
	mux.HandleFunc("POST /-/jobs/{id}/commands", s.command)
	mux.HandleFunc("DELETE /-/jobs/{id}", s.end)
	mux.HandleFunc("GET /{path...}", s.show)
	return guard(mux)
}
