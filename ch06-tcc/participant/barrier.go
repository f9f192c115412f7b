package participant

import (
	"example.com/dtx/ch06-tcc/tcc"
	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// pass writes down that an operation has come, in the transaction of its effect. It
// returns false if the operation has come before: then there is nothing to do.
func pass(tx *sqlite.Tx, id string, op tcc.Operation) (isFirst bool, err error) {
	done, err := tx.Exec("INSERT OR IGNORE INTO barrier VALUES (?, ?)", id, op)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// passCancel lets a cancel through. A cancel whose try has not come is empty: it takes
// the try's place, so that a try that comes later finds that it has come before.
func passCancel(tx *sqlite.Tx, id string) (isFirst bool, err error) {
	isEmpty, err := pass(tx, id, tcc.Try)
	if err != nil {
		return false, err
	}
	isFirst, err = pass(tx, id, tcc.Cancel)
	return isFirst && !isEmpty, err
}

// refuseAfter returns a refusal of the kind if the other operation has come before.
func refuseAfter(tx *sqlite.Tx, id string, other tcc.Operation, kind httpapi.Kind) error {
	var hasCome bool
	err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM barrier WHERE id = ? AND operation = ?)",
		id, other).Scan(&hasCome)
	if err == nil && hasCome {
		err = kind.With("%s comes after its %s", id, other)
	}
	return err
}
