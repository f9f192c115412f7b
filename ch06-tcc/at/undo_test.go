package at_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch06-tcc/at"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

func (p participant) execute(id, query string, args ...any) error {
	return p.db.Update(p.Context(), func(tx *sqlite.Tx) error {
		return at.Execute(tx, id, query, args...)
	})
}

func TestTheMachineKnowsNoTable(t *testing.T) {
	p := open(t)
	p.write(`CREATE TABLE shelves (size INTEGER, id INTEGER PRIMARY KEY, label TEXT) STRICT`)
	p.write(`INSERT INTO shelves VALUES (9007199254740993, 7, NULL)`)
	require.NoError(t, p.execute("order-1",
		"UPDATE shelves SET size = size - ?, label = 'low' WHERE id = ?", 3, 7))
	require.Equal(t, "9007199254740990 low", p.read("SELECT size || ' ' || label FROM shelves"))
	p.done("order-1", "cancel")
	require.Equal(t, "9007199254740993 none",
		p.read("SELECT size || ' ' || coalesce(label, 'none') FROM shelves"))
}

func TestTheMachineRefusesWhatItCannotUndo(t *testing.T) {
	p := open(t)
	for _, c := range []struct {
		query string
		args  []any
		why   string
	}{
		{"DELETE FROM accounts WHERE name = ?", []any{"tea"}, "not UPDATE"},
		{"UPDATE accounts SET available = 1", nil, "not UPDATE"},
		{"UPDATE accounts SET available = 1 WHERE name < ?", []any{"tea"}, "not UPDATE"},
		{"UPDATE accounts SET available = 1 WHERE name = ?", nil, "not UPDATE"},
		{"UPDATE accounts SET available = 1 WHERE 0 = 1 AND name = ?", []any{"tea"}, "not UPDATE"},
		{"UPDATE accounts SET available = 1 WHERE available = ?", []any{10}, "primary key"},
		{"UPDATE accounts SET available = 1 WHERE name = ?", []any{"gold"}, "no rows"},
		{"UPDATE accounts SET name = 'gold' WHERE name = ?", []any{"tea"}, "no rows"},
		{"UPDATE global_locks SET id = 'order-1' WHERE pk = ?", []any{"tea"}, "primary key"},
		{"UPDATE nowhere SET available = 1 WHERE name = ?", []any{"tea"}, ""},
	} {
		require.ErrorContains(t, p.execute("order-1", c.query, c.args...), c.why, c.query)
		require.Equal(t, none, p.left(), c.query)
		require.Equal(t, "10", p.tea(), c.query)
	}
}

func TestAStatementThatMeetsALockIsRolledBack(t *testing.T) {
	p := open(t)
	p.done("order-1", "try")
	err := p.execute("order-10", "UPDATE accounts SET available = 0 WHERE name = ?", "tea")
	require.ErrorIs(t, err, httpapi.Locked)
	require.Equal(t, "8", p.tea())
	require.Equal(t, one, p.left())
}
