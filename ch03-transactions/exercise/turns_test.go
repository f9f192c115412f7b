package exercise

import (
	"context"
	"database/sql"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch03-transactions/exercise/tap"
	"example.com/dtx/course/grade"
	"example.com/dtx/course/study"
)

const (
	choices  = 9               // of whose turn it is, that are tried both ways; then they alternate
	patience = 3 * time.Second // for a session to say something, in real time
)

// turns is one way in which two sessions can take turns.
type turns struct {
	sessions [2]*session
	schedule []int // the session whose turn it is, at each choice
	options  []int // how many could go on there
}

// play lets both do their work, one statement at a time, and returns the errors
// of their functions.
func (p *turns) play(
	t *grade.T, work func(who int, db *sql.DB) error,
) (told [2]error, log *record) {
	t.Helper()
	log = &record{}
	for i, s := range p.sessions {
		s.log = log
		go func() { s.ended <- work(i, s.db) }()
	}
	under := []int{0, 1} // they do something
	var waiting []int    // they are at a statement
	last := 1
	for {
		for _, i := range under {
			s := p.sessions[i]
			select {
			case <-s.at:
				waiting = append(waiting, i)
			case told[i] = <-s.ended:
				t.RequireWritten(told[i])
			case <-time.After(patience):
				p.point(log, waiting)
				t.FailWithRun(study.Finding{
					Done: "two withdrawals took turns, a statement each, as drawn",
					Found: []string{
						s.name + " says nothing to the database, and does not end. " +
							"Does it wait for the other within your program?",
						"(They are two computers, which share nothing but the database.) " +
							"Or for a second connection? (Rows that are open keep theirs.)",
					},
				}, columns(), log.end("stuck"))
			}
		}
		if len(waiting) == 0 {
			return told, log
		}
		last = p.choose(waiting, last)
		under = []int{last}
		waiting = without(waiting, last)
		p.sessions[last].turn <- struct{}{}
	}
}

// point shows in a drawing who waits for a turn, and at what.
func (p *turns) point(log *record, waiting []int) {
	for i, s := range p.sessions {
		select {
		case <-s.at:
			waiting = append(waiting, i)
		default:
		}
	}
	for _, i := range waiting {
		log.word(p.sessions[i].name, "at "+p.sessions[i].says.Verb())
	}
}

// choose returns whose turn it is.
func (p *turns) choose(waiting []int, last int) int {
	if len(waiting) == 1 {
		return waiting[0]
	}
	n := len(p.options)
	if n == choices {
		return 1 - last
	}
	p.options = append(p.options, len(waiting))
	if n < len(p.schedule) {
		return p.schedule[n]
	}
	return 0
}

// following returns the next schedule, nil after the last.
func (p *turns) following() []int {
	next := make([]int, len(p.options))
	copy(next, p.schedule)
	for i := len(next) - 1; i >= 0; i-- {
		if next[i]++; next[i] < p.options[i] {
			return next[:i+1]
		}
	}
	return nil
}

func without(list []int, gone int) (rest []int) {
	for _, i := range list {
		if i != gone {
			rest = append(rest, i)
		}
	}
	return rest
}

func columns() []string { return []string{"A", database, "B"} }

// everyTurn lets two withdrawals take turns in every order, and judges each run.
func everyTurn(
	t *grade.T, w withdrawals, take func(ctx context.Context, db *sql.DB, cents int64) error,
) {
	t.Helper()
	path := t.TempDir() + "/bank.db"
	admin := tap.Open(path, 1, silent{})
	defer admin.Close()
	_, err := admin.ExecContext(t.Context(), Schema+"; INSERT INTO accounts VALUES ('ada', 0, 1)")
	require.NoError(t, err)
	sessions := [2]*session{newSession(path, "A"), newSession(path, "B")}
	for _, s := range sessions { // both are connected before anything is done
		require.NoError(t, s.db.PingContext(t.Context()))
		defer s.db.Close()
	}
	const reset = "UPDATE accounts SET cents = ?, version = 1"
	for schedule := []int{}; schedule != nil; {
		_, err := admin.ExecContext(t.Context(), reset, w.has)
		require.NoError(t, err)
		p := &turns{sessions: sessions, schedule: schedule}
		told, log := p.play(t, func(who int, db *sql.DB) error {
			return take(t.Context(), db, w.takes[who])
		})
		t.Progress()
		var left int64
		row := admin.QueryRowContext(t.Context(), "SELECT cents FROM accounts")
		require.NoError(t, row.Scan(&left))
		w.judge(t, sessions, told, left, log)
		schedule = p.following()
	}
}
