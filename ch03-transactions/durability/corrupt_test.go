package durability_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	pageSize = 4096
	rows     = 20
)

// TestAPageThatACheckpointDidNotWriteIsMendedFromTheLogIfThereIsOne cuts the power in
// the middle of a checkpoint, which copies pages from the log into the database. A
// power cut of the unkind sort leaves one of the pages as it was before. What then?
// With synchronous=OFF the log may be gone as well, for nothing made the disk
// keep it. With NORMAL and FULL it is on the disk until all pages are.
func TestAPageThatACheckpointDidNotWriteIsMendedFromTheLogIfThereIsOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "note.db")
	file := "file:" + filepath.ToSlash(path)
	db, err := sql.Open("sqlite3", file+"?_journal_mode=WAL&_synchronous=OFF")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	exec := func(statement string) {
		_, err := db.Exec(statement)
		require.NoError(t, err, statement)
	}
	exec("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE) STRICT")
	exec("PRAGMA wal_checkpoint(TRUNCATE)")
	for i := range rows {
		exec("INSERT INTO note (text) VALUES ('" + strings.Repeat(strconv.Itoa(i), 500) + "')")
	}
	before, log := content(t, path), content(t, path+"-wal")
	exec("PRAGMA wal_checkpoint(TRUNCATE)")
	after := content(t, path)
	require.NoError(t, db.Close())
	require.Empty(t, complaints(t, after, nil), "all pages written")

	damaged := 0
	for at := 0; at < len(after); at += pageSize {
		torn := append([]byte(nil), after...)
		old := make([]byte, pageSize) // a page that the file did not have yet
		if at < len(before) {
			copy(old, before[at:])
		}
		copy(torn[at:], old)
		if complaints(t, torn, nil) != "" {
			damaged++
		}
		require.Empty(t, complaints(t, torn, log),
			"page %d not written, the log forced before", at/pageSize+1)
	}
	t.Logf("without the log %d of %d such power cuts damage the database, with it none",
		damaged, len(after)/pageSize)
	require.Positive(t, damaged, "databases that are damaged when the log is lost, too")
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return b
}

// complaints opens a database with these files and has SQLite check it: "" if
// nothing is wrong, and all rows are there.
func complaints(t *testing.T, file, log []byte) (found string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "note.db")
	require.NoError(t, os.WriteFile(path, file, 0o600))
	require.NoError(t, os.WriteFile(path+"-wal", log, 0o600))
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(path))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&found); err != nil {
		return err.Error()
	}
	var n int
	if err := db.QueryRow("SELECT count(*) FROM note").Scan(&n); err != nil {
		return err.Error()
	}
	if found == "ok" && n == rows {
		return ""
	}
	return found + ", " + strconv.Itoa(n) + " rows"
}
