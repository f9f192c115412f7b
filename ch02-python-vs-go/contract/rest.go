package contract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// knowsKeys: a client that has no answer asks again, perhaps at the same time.
func knowsKeys(t *trial) {
	s := t.common()
	for path, bodies := range map[string][2]string{
		"/jobs": {work("hash", 1), work("hash", 2)},
		"/schedules": {
			timed(`"at":"2100-01-01T00:00:00Z"`, 1),
			timed(`"at":"2100-01-01T00:00:01Z"`, 1),
		},
	} {
		const asked = 8
		var mu sync.Mutex
		statuses := map[int]int{}
		var all errgroup.Group
		for range asked {
			all.Go(func() error {
				a, err := s.try(t.ctx, post(path, "the-same", bodies[0]))
				mu.Lock()
				defer mu.Unlock()
				statuses[a.status]++
				if a.status == http.StatusCreated && a.header.Get("Location") != path+"/the-same" {
					return fmt.Errorf("the header Location is %q", a.header.Get("Location"))
				}
				return err
			})
		}
		if err := all.Wait(); err != nil {
			t.fail("POST %s at the same time, with the same key: %w", path, err)
		}
		t.require(statuses[http.StatusCreated] == 1 && statuses[http.StatusOK] == asked-1,
			"POST %s %d times with the same key: want one 201, got %v", path, asked, statuses)
		a := s.want(http.StatusUnprocessableEntity, post(path, "the-same", bodies[1]), nil)
		t.require(strings.Contains(string(a.body), "/key-reused"),
			"POST %s with a key of another body: %s", path, a)
	}
}

// pages: no job is shown twice or left out, though others come and go.
func pages(t *trial) {
	s := t.common()
	var keys []string
	for i := range 7 {
		keys = append(keys, fmt.Sprintf("page-%d", i))
		s.add(keys[i], "hash", 0)
	}
	var shown []string
	for after := int64(0); ; {
		var p page
		s.want(http.StatusOK, get(fmt.Sprintf("/jobs?limit=2&after=%d", after)), &p)
		t.require(len(p.Jobs) == 2 || p.Next == 0,
			"a page of %d jobs, and another after it; want 2", len(p.Jobs))
		for _, j := range p.Jobs {
			if strings.HasPrefix(j.ID, "page-") {
				shown = append(shown, j.ID)
			}
		}
		if slices.Contains(shown, "page-2") && len(shown) < 5 {
			s.send(remove("/jobs/page-1")) // it was shown; those that follow must not move up
		}
		if after = p.Next; after == 0 {
			break
		}
	}
	t.require(slices.Equal(shown, keys), "seven jobs were created, and one deleted after it "+
		"was shown; the pages showed %v", shown)
}

func deletes(t *trial) {
	s := t.common()
	s.add("short-lived", "hash", 0)
	everyMinute := timed(`"every_ms":60000`, 0)
	s.want(http.StatusCreated, post("/schedules", "short-lived", everyMinute), nil)
	s.want(http.StatusOK, post("/schedules", "short-lived", everyMinute), nil)
	for _, path := range []string{"/jobs/short-lived", "/schedules/short-lived"} {
		s.want(http.StatusOK, get(path), nil)
		s.want(http.StatusNoContent, remove(path), nil)
		s.want(http.StatusNotFound, get(path), nil)
		s.want(http.StatusNotFound, remove(path), nil)
	}
	s.add("short-lived", "hash", 0) // the key is forgotten, too
}

// works: what is computed must be right, in the queue and out of it.
func works(t *trial) {
	s := t.common()
	for _, row := range []struct {
		kind   string
		amount int
		result string
	}{
		{"hash", 0, hash(0)},
		{"hash", 1, hash(1)},
		{"hash", 1000, hash(1000)},
		{"sleep", 0, "slept 0 ms"},
		{"sleep", 20, "slept 20 ms"},
	} {
		var got struct{ Result string }
		body := work(row.kind, row.amount)
		s.want(http.StatusOK, post("/run", "", body), &got)
		t.require(got.Result == row.result,
			"POST /run %s: want %s, got %s", body, row.result, got.Result)
		key := fmt.Sprintf("%s-%d", row.kind, row.amount)
		s.add(key, row.kind, row.amount)
		j := s.awaitState(key, "done", "dead")
		t.require(j.Result == row.result && j.Attempts == 1,
			"job %s: want %s at the first attempt, got %+v", body, row.result, j)
	}
}

func hash(rounds int) string {
	digest := make([]byte, sha256.Size)
	for range rounds {
		next := sha256.Sum256(digest)
		digest = next[:]
	}
	return hex.EncodeToString(digest)
}

// holdsNobodyUp: while one request sleeps, many others are answered.
func holdsNobodyUp(t *trial) {
	const enough = 10
	s := t.common()
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	slept := make(chan error, 1)
	go func() {
		_, err := s.try(ctx, post("/run", "", work("sleep", 1000)))
		slept <- err
	}()
	for answered := range enough {
		s.want(http.StatusNotFound, get("/jobs/unknown"), nil)
		select {
		case err := <-slept:
			t.require(err == nil, "the request that sleeps for a second: %w", err)
			t.fail("one request slept for a second, "+
				"and only %d of %d others were answered meanwhile", answered, enough)
		default:
		}
	}
}
