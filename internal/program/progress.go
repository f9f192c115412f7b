package program

import (
	"fmt"
	"io"
	"os"
	"sync"
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
// was written, it says on w what is under way, until stop is called. On a terminal
// that is one line, which goes when there is something else to read.
func Watch(out, w io.Writer, what string) (watched io.Writer, stop func()) {
	began, done := time.Now(), make(chan struct{})
	h := &heard{out: out, w: w, terminal: Terminal(w)}
	var wg sync.WaitGroup
	wg.Go(func() {
		ticker := time.NewTicker(silence)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				h.tick(fmt.Sprintf("… %.0f s (%s)", time.Since(began).Seconds(), what))
			case <-done:
				return
			}
		}
	})
	return h, func() { close(done); wg.Wait(); h.clear() }
}

// Terminal tells whether a writer is a terminal.
func Terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// heard is a writer that remembers whether anything was written.
type heard struct {
	out, w   io.Writer
	terminal bool

	mu    sync.Mutex
	spoke bool // whether anything was written since the last tick
	shown int  // the number of characters of the line that is to go
}

func (h *heard) Write(p []byte) (int, error) {
	h.clear()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.spoke = true
	return h.out.Write(p)
}

// tick says what is under way, if nothing was written for a while.
func (h *heard) tick(line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.spoke:
		h.spoke = false
	case h.terminal:
		fmt.Fprintf(h.w, "\r%s", line)
		h.shown = len([]rune(line))
	default:
		fmt.Fprintln(h.w, line)
	}
}

// clear takes the line away.
func (h *heard) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shown > 0 {
		fmt.Fprintf(h.w, "\r%*s\r", h.shown, "")
		h.shown = 0
	}
}
