package isolation_test

// What is expected. Where Hermitage has the same cell, it says the same, or the
// reason says that it does not.

const (
	happens   = "happens"
	prevented = "prevented"

	updateWaits = "blocked: UPDATE waits"
	insertWaits = "blocked: INSERT waits"
	selectWaits = "blocked: SELECT waits"

	busyAtBegin = "aborted: SQLITE_BUSY at BEGIN"
	busy        = "aborted: SQLITE_BUSY at UPDATE"
	stale       = "aborted: SQLITE_BUSY_SNAPSHOT at UPDATE"
	locked      = "aborted: SQLITE_LOCKED_SHAREDCACHE at UPDATE"

	failure  = "aborted: serialization_failure at UPDATE"
	deadlock = "aborted: ER_LOCK_DEADLOCK at UPDATE"
	changed  = "aborted: ER_CHECKREAD at UPDATE"
)

func inSQLite() []row {
	const one = "; BEGIN IMMEDIATE lets in one transaction, even if it only reads"
	return []row{
		{"dirty write", []string{busy, busyAtBegin, locked}, "there is one lock for writing" + one},
		{"dirty read", []string{prevented, busyAtBegin, happens},
			"a reader keeps its snapshot; a shared cache holds what is not committed" + one},
		{"non-repeatable read", []string{prevented, busyAtBegin, happens}, "the same"},
		{"phantom", []string{prevented, busyAtBegin, happens},
			"a snapshot is of the whole database: no row comes to it"},
		{"lost update", []string{stale, busyAtBegin, happens},
			"who writes must have read the latest state, and waiting does not mend that; " +
				"a shared cache has only the latest"},
		{"read skew", []string{prevented, busyAtBegin, happens}, "as for the phantom"},
		{"write skew", []string{stale, busyAtBegin, happens},
			"as for the lost update: it does not matter which rows were read"},
		{"phantom, after a write", []string{stale, busyAtBegin, happens},
			"the write is refused, so there is no after"},
	}
}

func inPostgres() []row {
	return []row{
		{"dirty write", []string{updateWaits, updateWaits, failure, failure},
			"B waits at every level; with a snapshot it has then lost the row, " +
				"without having read anything before"},
		{"dirty read", []string{prevented, prevented, prevented, prevented},
			"its READ UNCOMMITTED is READ COMMITTED"},
		{"non-repeatable read", []string{happens, happens, prevented, prevented},
			"below REPEATABLE READ each statement has a snapshot of its own"},
		{"phantom", []string{happens, happens, prevented, prevented},
			"its REPEATABLE READ is snapshot isolation, more than the standard asks"},
		{"lost update", []string{happens, happens, failure, failure}, "first updater wins"},
		{"read skew", []string{happens, happens, prevented, prevented},
			"A reads only: it can stand before B in every order"},
		{"write skew", []string{happens, happens, happens, failure},
			"the two write different rows; only SERIALIZABLE remembers who read what"},
		{"phantom, after a write", []string{happens, happens, prevented, prevented},
			"the write does not see the new row, and leaves it alone"},
	}
}

func inMariaDB() []row {
	return []row{
		{"dirty write",
			[]string{updateWaits, updateWaits, updateWaits, updateWaits, updateWaits},
			"a write goes to the latest row; B has no snapshot yet, " +
				"so that even snapshot isolation lets it go on"},
		{"dirty read", []string{happens, prevented, prevented, prevented, selectWaits},
			"its SERIALIZABLE turns each SELECT into one that locks"},
		{"non-repeatable read", []string{happens, happens, prevented, prevented, updateWaits},
			"what A has read, B cannot write until A has ended"},
		{"phantom", []string{happens, happens, prevented, prevented, insertWaits},
			"the gaps between the rows are locked, too"},
		{"lost update", []string{happens, happens, happens, changed, deadlock},
			"REPEATABLE READ reads the snapshot and writes over the latest row"},
		{"read skew", []string{happens, happens, prevented, prevented, updateWaits},
			"A only reads; it is the write that pierces a snapshot"},
		{"write skew", []string{happens, happens, happens, happens, deadlock},
			"each waits for the row that the other has read"},
		{"phantom, after a write", []string{happens, happens, happens, changed, insertWaits},
			"the write finds the new row, and from then on it belongs to A's snapshot"},
	}
}
