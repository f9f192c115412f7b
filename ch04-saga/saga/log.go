package saga

import (
	"context"
	"database/sql"
	"errors"
	"github.com/go-json-experiment/json"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// Schema makes the orchestrator's log, a table in its service's database. The
// index holds only what is unfinished: recovery does not grow with what is done.
const Schema = `
CREATE TABLE sagas (id TEXT PRIMARY KEY, request TEXT NOT NULL, steps TEXT NOT NULL, -- JSON
	state TEXT NOT NULL, turned INTEGER NOT NULL, why TEXT NOT NULL) STRICT;
CREATE INDEX unfinished ON sagas (id) WHERE state IN ('running', 'undoing');
`

// record writes a saga down before its first call. The transaction is forced.
func record(tx *sqlite.Tx, s Saga) error {
	steps, err := json.Marshal(s.Steps)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO sagas (id, request, steps, state, turned, why) VALUES (?, ?, ?, 'running', 0, '')", s.ID, s.Request, string(steps))
	return err
}

// read returns a saga; the error is httpapi.NotFound if there is none.
func read(tx *sqlite.Tx, id string) (Saga, error) {
	s := Saga{ID: id}
	var steps string
	err := tx.QueryRow("SELECT request, steps, state, turned, why FROM sagas WHERE id = ?", id).Scan(&s.Request, &steps, &s.State, &s.From, &s.Why)
	if errors.Is(err, sql.ErrNoRows) {
		return s, httpapi.NotFound.With("no saga %s", id)
	}
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal([]byte(steps), &s.Steps)
}

// turn decides that a saga is undone from a step on. It is forced: what the
// client may be told next, and what the compensations do, must not be forgotten.
func (e *Engine) turn(ctx context.Context, s Saga) error {
	return e.db.Update(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE sagas SET state = 'undoing', turned = ?, why = ? WHERE id = ? AND state = 'running'", s.From, s.Why, s.ID)
		return err
	})
}

// end notes that nothing is left to do. It is not forced: should it get lost,
// recovery asks once more for what is done already.
func (e *Engine) end(ctx context.Context, s Saga) error {
	return e.db.UpdateUnforced(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE sagas SET state = ? WHERE id = ?", s.State, s.ID)
		return err
	})
}

// unfinished is read from the index of that name.
const unfinished = "SELECT id FROM sagas WHERE state IN ('running', 'undoing') AND id > ? ORDER BY id LIMIT ?"

// unfinished lists ids after the one given, a page at most.
func (e *Engine) unfinished(ctx context.Context, after string) (ids []string, err error) {
	err = e.db.View(ctx, func(tx *sqlite.Tx) error {
		rows, err := tx.Query(unfinished, after, page)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return rows.Err()
	})
	return ids, err
}
