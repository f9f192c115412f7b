package exercise

import (
	"context"
	"database/sql"

	"example.com/dtx/ch03-transactions/exercise/tap"
)

// session is one of two that take turns, on a connection of its own.
type session struct {
	name  string
	db    *sql.DB
	log   *record
	says  tap.Statement // the statement at which it waits for its turn
	at    chan struct{} // signal that it has come to a statement
	turn  chan struct{} // signal that it may go on
	ended chan error
}

func newSession(path, name string) *session {
	s := &session{
		name: name,
		at:   make(chan struct{}), turn: make(chan struct{}), ended: make(chan error, 1),
	}
	s.db = tap.Open(path, 1, s)
	return s
}

// Before and After make the session wait for its turn, and keep what it says.
func (s *session) Before(_ context.Context, said tap.Statement) tap.Fate {
	s.says = said
	s.at <- struct{}{}
	<-s.turn
	return tap.Served
}
func (s *session) After(said tap.Statement, result string, err error) {
	s.log.exchange(s.name, said, result, err, "")
}
