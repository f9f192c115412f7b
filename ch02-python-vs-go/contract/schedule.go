package contract

import (
	"fmt"
	"net/http"
	"time"
)

const wire = "2006-01-02T15:04:05.000Z"

// tellsTime: the process has another time zone than UTC.
func tellsTime(t *trial) {
	s := t.common()
	before := time.Now().Add(-time.Minute)
	s.add("now", "hash", 0)
	var sc schedule
	daily := timed(`"every_ms":86400000`, 0)
	s.want(http.StatusCreated, post("/schedules", "far", daily), &sc)
	after := time.Now().Add(time.Minute)
	for what, got := range map[string]time.Time{
		"a job's created_at":      s.job("now").Created,
		"a schedule's created_at": sc.Created,
		"a schedule's at":         sc.At,
	} {
		t.require(got.After(before) && got.Before(after), "%s is %s at %s",
			what, got.Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339))
	}
	const at = "2100-01-31T09:00:00.123Z"
	s.want(http.StatusCreated, post("/schedules", "exactly", timed(`"at":"`+at+`"`, 0)), &sc)
	t.require(sc.At.Format(wire) == at && sc.Next != nil && sc.Next.Format(wire) == at,
		"a schedule at %s: %+v", at, sc)
}

// keepsGrid: a schedule that began ten seconds ago.
func keepsGrid(t *trial) {
	const every = 50 * time.Millisecond
	s := t.common()
	at := time.Now().Add(-10 * time.Second).UTC().Truncate(time.Millisecond)
	grid := fmt.Sprintf(`"at":%q,"every_ms":%d`, at.Format(wire), every.Milliseconds())
	s.want(http.StatusCreated, post("/schedules", "grid", timed(grid, 1)), nil)
	t.await("there are five runs", func() bool { return len(s.list("/jobs?schedule=grid")) >= 5 })
	s.want(http.StatusNoContent, remove("/schedules/grid"), nil)
	requireGrid(t, s.list("/jobs?schedule=grid"), at, every)

	at = time.Now().Add(100 * time.Millisecond).UTC().Truncate(time.Millisecond)
	once := fmt.Sprintf(`"at":%q`, at.Format(wire))
	s.want(http.StatusCreated, post("/schedules", "once", timed(once, 1)), nil)
	var sc schedule
	t.await("the schedule is over", func() bool {
		sc = schedule{}
		s.want(http.StatusOK, get("/schedules/once"), &sc)
		return sc.Next == nil
	})
	runs := s.list("/jobs?schedule=once")
	t.require(len(runs) == 1 && runs[0].Due.Equal(at) && !runs[0].Created.Before(at),
		"one run at %s: %+v", at.Format(wire), runs)
}

// requireGrid requires that no run is off the grid or there twice.
func requireGrid(t *trial, runs []job, at time.Time, every time.Duration) {
	var last time.Time
	for _, j := range runs {
		off := j.Due.Sub(at) % every
		t.require(off == 0, "every %v from %s: a run is due at %s, %v off the grid",
			every, at.Format(wire), j.Due.Format(wire), off)
		t.require(j.Due.After(last),
			"a run for %s comes after one for %s", j.Due.Format(wire), last.Format(wire))
		last = j.Due
	}
}

// makesUp: runs come due while there is no process. One schedule misses many of
// them, and one its first; that one's next run is far away.
func makesUp(t *trial) {
	const every = 100 * time.Millisecond
	// seldom divides no 8 hours: a service that reads times as those of its zone, 8 hours
	// away, has no run at the right time by chance.
	const seldom = 7 * time.Hour
	s := t.victim()
	var often schedule
	fromNow := fmt.Sprintf(`"every_ms":%d`, every.Milliseconds())
	s.want(http.StatusCreated, post("/schedules", "often", timed(fromNow, 1)), &often)
	at := time.Now().Add(400 * time.Millisecond).UTC().Truncate(time.Millisecond)
	fromAt := fmt.Sprintf(`"at":%q,"every_ms":%d`, at.Format(wire), seldom.Milliseconds())
	s.want(http.StatusCreated, post("/schedules", "rare", timed(fromAt, 1)), nil)
	s.awaitState(s.first("often").ID, "done")
	s.process.Kill()
	down := time.Now()
	t.await("runs are missed", func() bool {
		return time.Since(down) > 4*every && time.Now().After(at)
	})
	up := time.Now()
	s = t.revive()
	s.want(http.StatusOK, get("/schedules/rare"), nil)
	run := s.first("rare")
	t.require(run.Due.Equal(at),
		"the run of %s was missed; the first one is for %s", at.Format(wire), run.Due.Format(wire))
	var rare schedule
	s.want(http.StatusOK, get("/schedules/rare"), &rare)
	t.require(rare.Next != nil && rare.Next.Equal(at.Add(seldom)),
		"every %v from %s, the first one late: the next is at %v",
		seldom, at.Format(wire), rare.Next)
	var runs []job
	t.await("it runs as before", func() bool {
		runs = s.list("/jobs?schedule=often")
		return runs[len(runs)-1].Due.After(up.Add(every))
	})
	requireGrid(t, runs, often.At, every)
	var madeUp []string
	for _, j := range runs {
		if j.Due.After(down) && j.Due.Before(up) {
			madeUp = append(madeUp, j.Due.Format(wire))
		}
	}
	t.require(len(madeUp) <= 1, "runs were missed from %s to %s, every %v: "+
		"these were made up for, not just one: %v",
		down.UTC().Format(wire), up.UTC().Format(wire), every, madeUp)
}

// first waits for a schedule's first run.
func (s *service) first(schedule string) (run job) {
	s.trial.await(schedule+" has run", func() bool {
		runs := s.list("/jobs?schedule=" + schedule)
		if len(runs) > 0 {
			run = runs[0]
		}
		return len(runs) > 0
	})
	return run
}
