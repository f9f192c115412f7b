package tap

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// rows are all rows of an answer. They are read at once, so that no statement
// stays open on the database while another session is let go on.
type rows struct {
	columns []string
	values  [][]driver.Value
	next    int
}

func readAll(from driver.Rows) (*rows, error) {
	r := &rows{columns: from.Columns()}
	for {
		row := make([]driver.Value, len(r.columns))
		err := from.Next(row)
		if errors.Is(err, io.EOF) {
			return r, from.Close()
		}
		if err != nil {
			return r, errors.Join(err, from.Close())
		}
		r.values = append(r.values, row)
	}
}

func (r *rows) Columns() []string { return r.columns }
func (r *rows) Close() error      { return nil }

func (r *rows) Next(row []driver.Value) error {
	if r.next == len(r.values) {
		return io.EOF
	}
	copy(row, r.values[r.next])
	r.next++
	return nil
}

// String is the first row, as it is shown in a drawing.
func (r *rows) String() string {
	if len(r.values) == 0 {
		return "no row"
	}
	var b strings.Builder
	for i, v := range slices.All(r.values[0]) {
		fmt.Fprintf(&b, "%s%v", map[bool]string{true: ", "}[i > 0], v)
	}
	return b.String()
}
