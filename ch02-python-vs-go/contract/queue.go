package contract

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"example.com/dtx/ch02-python-vs-go/target"
)

func triesAgain(t *trial) {
	s := t.common()
	s.add("third-time", "fail", 2)
	s.add("never", "fail", 3)
	j := s.awaitState("third-time", "done", "dead")
	t.require(j.State == "done" && j.Attempts == 3 && j.Result == "attempt 3 succeeded",
		"a job that fails twice: %+v", j)
	j = s.awaitState("never", "done", "dead")
	t.require(j.State == "dead" && j.Attempts == 3 && j.Error == "attempt 3 failed, as asked",
		"a job that fails three times: %+v", j)
	dead := s.list("/dead-letters")
	t.require(len(dead) == 1 && dead[0].ID == "never",
		"one job was given up; the dead letters are %+v", dead)
}

// staysBounded: four jobs that sleep keep all workers busy.
func staysBounded(t *trial) {
	const workers, backlog = 4, 3
	s := t.start(target.Settings{Workers: workers, Backlog: backlog})
	running := func() (n int) {
		for _, j := range s.list("/jobs") {
			if j.State == "running" {
				n++
			}
		}
		return n
	}
	for i := range workers {
		s.add(fmt.Sprintf("busy-%d", i), "sleep", 10_000)
		t.await("it runs", func() bool { return running() == i+1 })
	}
	for i := range backlog {
		s.add(fmt.Sprintf("waits-%d", i), "hash", 1)
	}
	for range 3 {
		s.want(http.StatusServiceUnavailable, post("/jobs", "too-many", work("hash", 1)), nil)
	}
	s.want(http.StatusNotFound, get("/jobs/too-many"), nil)
	again := post("/jobs", "waits-0", work("hash", 1))
	s.want(http.StatusOK, again, nil) // it has its place already
	t.require(running() == workers, "%d workers, and %d jobs run", workers, running())
	s.want(http.StatusNoContent, remove("/jobs/waits-0"), nil)
	s.add("fits-now", "hash", 1)
}

// handsOutAgain: a job is never finished in time. The worker that took it first
// has a result when another worker has the job.
func handsOutAgain(t *trial) {
	s := t.start(target.Settings{Workers: 2, Attempts: 2, Visibility: 200 * time.Millisecond})
	s.add("slow", "sleep", 10_000)
	j := s.awaitState("slow", "done", "dead")
	t.require(j.State == "dead" && j.Attempts == 2,
		"a job that takes fifty times its visibility timeout at both attempts: %+v", j)
	dead := s.list("/dead-letters")
	t.require(len(dead) == 1 && dead[0].ID == "slow",
		"one job was given up; the dead letters are %+v", dead)
}

// losesNothing: clients put jobs into the queue as fast as they can. In the
// middle of it, the process is killed.
func losesNothing(t *trial) {
	const clients, enough = 16, 100
	s := t.victim()
	acknowledged := make(chan string, 10_000)
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d-%d", c, i)
				a, err := s.try(t.ctx, post("/jobs", key, work("hash", 0)))
				if err != nil || a.status != http.StatusCreated {
					return // it has been killed
				}
				acknowledged <- key
			}
		})
	}
	var kept []string
	for len(kept) < enough {
		select {
		case key := <-acknowledged:
			kept = append(kept, key)
		case <-t.ctx.Done():
			s.process.Kill()
			t.fail("of %d clients, only %d have been answered: %w", clients, len(kept), t.ctx.Err())
		}
	}
	s.process.Kill()
	all.Wait()
	close(acknowledged)
	for key := range acknowledged {
		kept = append(kept, key)
	}
	var there []string
	for _, j := range t.revive().list("/jobs") {
		there = append(there, j.ID)
	}
	for _, key := range kept {
		t.require(slices.Contains(there, key),
			"job %s was acknowledged with a 201 before kill -9, and is not there after it", key)
	}
}

const (
	sleeps   = 500 * time.Millisecond // of a job that is to be interrupted
	maxKills = 5                      // jobs that redoes starts at most
)

// redoes: the process is killed while a worker is at a job. If a busy machine needs longer
// for that than the job lasts, it may be done before, and another one is tried.
func redoes(t *trial) {
	s := t.victim()
	for n := 1; ; n++ {
		id, began := fmt.Sprint("interrupted-", n), time.Now()
		s.add(id, "sleep", int(sleeps.Milliseconds()))
		s.awaitState(id, "running")
		s.process.Kill()
		isLate := time.Since(began) >= sleeps
		s = t.revive()
		j := s.awaitState(id, "done", "dead")
		if isLate && j.State == "done" && j.Attempts == 1 && n < maxKills {
			continue
		}
		t.require(j.State == "done" && j.Attempts == 2 && j.Result == "slept 500 ms",
			"a job whose process was killed at the first attempt: %+v", j)
		return
	}
}

func ends(t *trial) {
	s := t.common()
	t.shared = nil // it is about to have gone
	if err := s.process.Stop(); err != nil {
		t.fail("its standard input was closed: %w", err)
	}
}

// documents: what the document allows has been seen, all of it.
func documents(t *trial) {
	unseen := t.document.Unseen()
	t.require(len(unseen) == 0, "in the document, and in no check: %v", unseen)
}
