package lab_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

const ledgerSchema = `
CREATE TABLE accounts (name TEXT, cents INTEGER);
CREATE TABLE charges (id TEXT, cents INTEGER, held INTEGER);
INSERT INTO accounts VALUES ('ada', 700), ('bob', 5);
INSERT INTO charges VALUES ('order-1', 300, 0), ('order-2', 9, 1);
`

func till(queries lab.Queries) lab.Variant {
	return lab.Variant{Services: []lab.Service{
		{Name: "till", Schema: ledgerSchema, Queries: queries},
		{Name: "without a database"},
	}}
}

// database makes the till's, and returns where it is.
func database(t *testing.T) func(service string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit till")
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Schema: ledgerSchema})
	require.NoError(t, err)
	require.NoError(t, db.Close())
	return func(string) string { return path }
}

func TestALedgerIsReadFromTheDatabases(t *testing.T) {
	v := till(lab.Queries{
		Balances: "SELECT 'payment', name, cents FROM accounts ORDER BY name",
		Effects:  "SELECT 'payment', id, 'ada', cents FROM charges WHERE NOT held",
		Stuck:    "SELECT 'hold of ' || id FROM charges WHERE held",
	})
	l, err := lab.ReadLedger(t.Context(), v, lab.Files(database(t)))
	require.NoError(t, err)
	require.Equal(t, lab.Ledger{
		Balances: []lab.Balance{
			{Kind: "payment", Account: "ada", Amount: 700},
			{Kind: "payment", Account: "bob", Amount: 5},
		},
		Effects: []lab.Effect{{Kind: "payment", Order: "order-1", Account: "ada", Amount: 300}},
		Stuck:   []string{"hold of order-2"},
	}, l)
}

func TestAQueryOfTooFewOrTooManyColumnsSaysWhichAreNeeded(t *testing.T) {
	const none = " FROM charges WHERE false" // it shows before there is a row
	const two = "SELECT id, cents"
	for _, row := range []struct {
		queries lab.Queries
		says    string
	}{
		{
			lab.Queries{Balances: "SELECT 'payment', cents" + none},
			"Balances returns 2 columns; 3 are needed: kind, account, amount",
		},
		{
			lab.Queries{Effects: "SELECT 'payment', id, cents" + none},
			"Effects returns 3 columns; 4 are needed: kind, order, account, amount",
		},
		{lab.Queries{Stuck: two + none}, "Stuck returns 2 columns; 1 is needed: a text"},
		{lab.Queries{Parked: two + none}, "Parked returns 2 columns; 1 is needed: a text"},
	} {
		_, err := lab.ReadLedger(t.Context(), till(row.queries), lab.Files(database(t)))
		require.EqualError(t, err, "audit till: lab.Queries."+row.says)
	}
}

func TestALedgerThatCannotBeReadSaysWhose(t *testing.T) {
	for _, q := range []lab.Queries{
		{Balances: "SELECT 1 FROM nowhere"},
		{Effects: "SELECT 'too', 'few'"},
		{Stuck: "DELETE FROM charges RETURNING id"},
	} {
		_, err := lab.ReadLedger(t.Context(), till(q), lab.Files(database(t)))
		require.ErrorContains(t, err, "audit ", "queries %+v", q)
		require.ErrorContains(t, err, "audit till", "queries %+v", q)
	}
}
