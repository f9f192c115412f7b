package isolation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"example.com/dtx/internal/sqlite"
)

// Script lets a saga and another client use a fresh shop in turn, always in the
// same order. It does not know whether it is performed with a countermeasure.
type Script func(ctx context.Context, s *Shop) (Seen, error)

// Seen is what a script has left.
type Seen struct {
	Lines    []Line // the steps in the order in which they began
	Left     string // the answers and the databases that decide, in words
	Happened bool   // the anomaly
}

// Line is one step: a transaction of its own, if it does not say otherwise.
type Line struct{ Who, Did, Told string }

// String returns a cell of a table.
func (s Seen) String() string {
	if s.Happened {
		return "happens: " + s.Left
	}
	return "prevented: " + s.Left
}

// Rows returns the lines as a table's rows, after a head.
func (s Seen) Rows() [][]string {
	rows := [][]string{{"who", "did", "was told"}}
	for _, l := range s.Lines {
		rows = append(rows, []string{l.Who, l.Did, l.Told})
	}
	return rows
}

// Play performs a script in a new shop under dir, and leaves nothing there.
func Play(ctx context.Context, dir string, script Script) (seen Seen, err error) {
	folder, err := os.MkdirTemp(dir, "shop")
	if err != nil {
		return Seen{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s, err := open(ctx, folder)
	if err != nil {
		return Seen{}, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return script(ctx, s)
}

// refusal is what a service says instead of doing a step: nothing of it is done.
type refusal string

func (r refusal) Error() string { return string(r) }

// What a service may refuse for.
const (
	outOfStock        refusal = "out of stock"
	insufficientFunds refusal = "insufficient funds"
	slotFull          refusal = "slot full"
)

// story writes down what is done. After an error it does nothing more, and the
// error comes out at its end.
type story struct {
	lines []Line
	err   error
}

// step runs do as a transaction that commits at once. It returns the refusal, or
// "" if the step is done.
func (t *story) step(
	ctx context.Context, db *sqlite.DB, who, did string, do func(*sqlite.Tx) error,
) refusal {
	if t.err != nil {
		return ""
	}
	n := len(t.lines)
	t.lines = append(t.lines, Line{who, did, "done"})
	switch err := db.Update(ctx, do).(type) {
	case nil:
	case refusal: // alone: a refusal whose outcome is unknown is none
		t.lines[n].Told = string(err)
		return err
	default:
		t.err = fmt.Errorf("%s, %s: %w", who, did, err)
	}
	return ""
}

// read asks a database for a value, as any client may at any time.
func read[T any](
	ctx context.Context, tale *story, db *sqlite.DB, query string, args ...any,
) (value T) {
	if tale.err == nil {
		tale.err = db.View(ctx, func(tx *sqlite.Tx) error {
			return tx.QueryRow(query, args...).Scan(&value)
		})
	}
	return value
}

// end returns what was seen, the judgement with it.
func (t *story) end(happened bool, left string, args ...any) (Seen, error) {
	return Seen{t.lines, fmt.Sprintf(left, args...), happened}, t.err
}

// ifNone refuses if a statement has found no row to change.
func (r refusal) ifNone(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return r
}
