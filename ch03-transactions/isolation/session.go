package isolation

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// session is one of the two, on a connection of its own. It says one statement
// after the other, each on a goroutine, because a statement may wait.
type session struct {
	who   Session
	conn  *sql.Conn
	id    int
	begin string

	todo    []string    // what it has yet to say
	saying  string      // what it says
	answer  chan answer // the answer to it; nil if it says nothing
	waiting bool        // what it says waits for a lock
	open    bool        // whether it is in a transaction
	refused bool        // whether it got an error, and says no more
	side    Side
}

type answer struct {
	number int // the number that a SELECT returned
	err    error
}

// say says the next statement.
func (s *session) say(ctx context.Context) {
	s.saying, s.todo = s.words(s.todo[0]), s.todo[1:]
	s.answer = make(chan answer, 1)
	go func(statement string, answers chan<- answer) {
		var a answer
		if verb(statement) == "SELECT" {
			a.err = s.conn.QueryRowContext(ctx, statement).Scan(&a.number)
		} else {
			_, a.err = s.conn.ExecContext(ctx, statement)
		}
		answers <- a
	}(s.saying, s.answer)
}

// words returns a step's statement as it is said.
func (s *session) words(step string) string {
	if step == "BEGIN" {
		return s.begin
	}
	if n := len(s.side.Read); n > 0 {
		return strings.ReplaceAll(step, "{read}", strconv.Itoa(s.side.Read[n-1]))
	}
	return step
}

// hear notes what an answer means to the session.
func (s *session) hear(a answer) {
	switch verb := verb(s.saying); {
	case a.err != nil:
		s.refused, s.todo = true, nil
		if s.open {
			s.todo = []string{"ROLLBACK"}
		}
	case verb == "SELECT":
		s.side.Read = append(s.side.Read, a.number)
	case verb == "BEGIN":
		s.open = true
	case verb == "COMMIT":
		s.open, s.side.Committed = false, true
	case verb == "ROLLBACK":
		s.open = false
	}
}

// leave ends what is under way. The context of what it says is done by now, so
// that an answer is near.
func (s *session) leave(ctx context.Context) {
	if s.answer != nil {
		select {
		case <-s.answer:
		case <-ctx.Done():
		}
	}
	// An error of the first means that there is nothing to undo; one of the second,
	// that the connection is broken, and closed already.
	_, _ = s.conn.ExecContext(ctx, "ROLLBACK")
	_ = s.conn.Close()
}

func verb(statement string) string {
	verb, _, _ := strings.Cut(statement, " ")
	return verb
}
