package program

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// silence is how long a command that is at work may say nothing.
const silence = 2 * time.Second

// Progress says on w that something is under way, every two seconds until stop
// is called.
func Progress(w io.Writer, what string) (stop func()) {
	_, stop = Watch(io.Discard, w, what)
	return stop
}

// Watch passes on what is written to out. After two seconds in which nothing
// was written, it says on w what is under way, until stop is called.
func Watch(out, w io.Writer, what string) (watched io.Writer, stop func()) {
	began, done := time.Now(), make(chan struct{})
	h := &heard{Writer: out}
	var wg sync.WaitGroup
	wg.Go(func() {
		for ticker := time.NewTicker(silence); ; {
			select {
			case <-ticker.C:
				if !h.spoke.Swap(false) {
					fmt.Fprintf(w, "… %.0f s (%s)\n", time.Since(began).Seconds(), what)
				}
			case <-done:
				ticker.Stop()
				return
			}
		}
	})
	return h, func() { close(done); wg.Wait() }
}

// heard is a writer that remembers whether anything was written.
type heard struct {
	io.Writer
	spoke atomic.Bool
}

func (h *heard) Write(p []byte) (int, error) {
	h.spoke.Store(true)
	return h.Writer.Write(p)
}
