package isolation

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// closeTime bounds how long it takes to clear a stage.
const closeTime = 5 * time.Second

// stage is where a script is performed: an empty database with a connection for
// each session, and one for a watcher who stands outside of their transactions.
// Another play has other connections: nothing of this one is left in them.
type stage struct {
	db       *sql.DB
	drop     string
	watcher  *sql.Conn
	sessions [2]*session
}

func (db Database) newStage(ctx context.Context, l Level) (*stage, error) {
	name := "isolation_" + strings.ToLower(rand.Text()[:10])
	in := strings.NewReplacer("{name}", name)
	pool, err := db.open(name, l)
	if err != nil {
		return nil, err
	}
	if _, err := pool.ExecContext(ctx, in.Replace(db.schema.create)); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	s := &stage{db: pool, drop: in.Replace(db.schema.drop)}
	if err := s.enter(ctx, db, in.Replace(db.schema.enter), l); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// enter opens the three connections.
func (s *stage) enter(ctx context.Context, db Database, schema string, l Level) (err error) {
	if s.watcher, err = connect(ctx, s.db, schema); err != nil {
		return err
	}
	for who := range s.sessions {
		conn, err := connect(ctx, s.db, append([]string{schema}, l.set...)...)
		if err != nil {
			return err
		}
		s.sessions[who] = &session{who: Session(who), conn: conn, begin: l.begin}
		if err := conn.QueryRowContext(ctx, db.idOf).Scan(&s.sessions[who].id); err != nil {
			return fmt.Errorf("%s: %w", db.idOf, err)
		}
	}
	return nil
}

func connect(ctx context.Context, db *sql.DB, statements ...string) (*sql.Conn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if err := execute(ctx, conn, statements); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func execute(ctx context.Context, conn *sql.Conn, statements []string) error {
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// close clears the stage, also when the play was broken off. The context of
// what the sessions say is done by then.
func (s *stage) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	for _, session := range s.sessions {
		if session != nil {
			session.leave(ctx)
		}
	}
	if s.watcher != nil {
		_ = s.watcher.Close() // an error means that it is broken, and closed already
	}
	_, err := s.db.ExecContext(ctx, s.drop)
	return errors.Join(err, s.db.Close())
}
