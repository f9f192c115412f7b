package at

import (
	"fmt"
	"slices"
	"strings"

	"example.com/dtx/internal/sqlite"
)

// row is a row of some table, and what the database says of that table.
type row struct {
	table, pk string
	key       string   // the column that is the primary key
	columns   []string // all of them
}

// parse finds the row that a statement changes. It understands one form:
//
//	UPDATE table SET … WHERE key = ?
//
// Its last argument is the primary key of the row.
func parse(tx *sqlite.Tx, query string, args []any) (row, error) {
	words := strings.Fields(query)
	n := len(words)
	if n < 8 || words[0] != "UPDATE" || words[2] != "SET" || len(args) == 0 ||
		!slices.Equal(words[n-2:], []string{"=", "?"}) || words[n-4] != "WHERE" {
		return row{}, fmt.Errorf("not UPDATE table SET … WHERE key = ?: %s", query)
	}
	r, err := describe(tx, words[1], fmt.Sprint(args[len(args)-1]))
	if err == nil && r.key != words[n-3] {
		err = fmt.Errorf("%s is not the primary key of %s", words[n-3], r.table)
	}
	return r, err
}

// describe asks the database for the columns of a table.
func describe(tx *sqlite.Tx, table, pk string) (row, error) {
	r, columns := row{table: table, pk: pk}, ""
	err := tx.QueryRow(`SELECT group_concat(name, char(10)), group_concat(iif(pk, name, NULL))
		FROM pragma_table_info(?)`, table).Scan(&columns, &r.key)
	r.columns = strings.Split(columns, "\n")
	return r, err
}

// image returns the whole row as JSON. Its columns hold integers and texts. The error is
// sql.ErrNoRows if the row is not there.
func (r row) image(tx *sqlite.Tx) (image string, err error) {
	var fields []string
	for _, c := range r.columns {
		fields = append(fields, literal(c), name(c))
	}
	err = tx.QueryRow(fmt.Sprintf("SELECT json_object(%s) FROM %s WHERE %s = ?",
		strings.Join(fields, ", "), name(r.table), name(r.key)), r.pk).Scan(&image)
	return image, err
}

// restore writes an image back.
func (r row) restore(tx *sqlite.Tx, image string) error {
	var fields []string
	for _, c := range r.columns {
		fields = append(fields, name(c)+" = ?1 ->> "+literal(c))
	}
	_, err := tx.Exec(fmt.Sprintf("UPDATE %s SET %s WHERE %s = ?2",
		name(r.table), strings.Join(fields, ", "), name(r.key)), image, r.pk)
	return err
}

// name quotes a name for SQL, and literal a text.
func name(s string) string    { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
