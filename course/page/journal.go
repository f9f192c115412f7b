package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxEntries bounds a journal.
const maxEntries = 20_000

// errLong is returned by a journal that is full.
var errLong = errors.New("the run is too long to be kept: reset it")

// entry is something that the page is told.
type entry struct {
	id   int
	name string
	data []byte
}

// journal is what a job has to say, kept so that a browser that lost the
// connection, or was loaded again, misses nothing.
type journal struct {
	mu      sync.Mutex
	entries []entry
	last    int
	ended   bool
	grown   chan struct{} // closed when there is more
}

func newJournal() *journal { return &journal{grown: make(chan struct{})} }

// add writes an entry.
func (j *journal) add(name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("tell the page: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.entries) == maxEntries {
		return errLong
	}
	j.last++
	j.entries = append(j.entries, entry{j.last, name, data})
	j.wake()
	return nil
}

// forget begins the journal anew. The numbers go on.
func (j *journal) forget() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = nil
}

// end says that there will be no more.
func (j *journal) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	j.entries = append(j.entries, entry{j.last, "ended", []byte("null")})
	j.ended = true
	j.wake()
}

func (j *journal) wake() {
	close(j.grown)
	j.grown = make(chan struct{})
}

// after returns the entries that follow one, and what is closed when there are more.
func (j *journal) after(id int) (list []entry, grown <-chan struct{}, ended bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := len(j.entries)
	for i > 0 && j.entries[i-1].id > id {
		i--
	}
	return j.entries[i:len(j.entries):len(j.entries)], j.grown, j.ended
}

// stream sends the journal as server-sent events, from where the browser left
// off, until it ends, the browser goes, or done is closed.
func (j *journal) stream(w http.ResponseWriter, r *http.Request, done <-chan struct{}) {
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{}) // a stream has no end; a test's recorder no deadline
	_ = control.SetReadDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	last, _ := strconv.Atoi(r.Header.Get("Last-Event-ID")) // without one: from the start
	for {
		list, grown, ended := j.after(last)
		for _, e := range list {
			fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.id, e.name, e.data)
			last = e.id
		}
		if err := control.Flush(); err != nil || ended {
			return
		}
		select {
		case <-grown:
		case <-done:
			return
		case <-r.Context().Done():
			return
		}
	}
}
