package sqlite

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"strings"
)

// Mark is what a database carries in its head, so that it can be told from the
// databases of other services and of other releases.
type Mark struct {
	Application int32 // SQLite's application_id
	Version     int32 // SQLite's user_version, for the schema
}

// NewMark returns the mark of a service's databases. Another service has another
// one, and so has the same service with another schema.
func NewMark(service, schema string) Mark {
	sum := func(text string) int32 {
		return int32(crc32.ChecksumIEEE([]byte(text))>>1) | 1 // no sign, and never zero
	}
	return Mark{Application: sum(service), Version: sum(schema)}
}

// statements write the mark. Without one, the version tells that the schema is there.
func (m Mark) statements() string {
	if m == (Mark{}) {
		return "PRAGMA user_version = 1"
	}
	const mark = "PRAGMA application_id = %d; PRAGMA user_version = %d"
	return fmt.Sprintf(mark, m.Application, m.Version)
}

var (
	// ErrForeign is returned by Open for a file of something else.
	ErrForeign = errors.New("this file is not a database of this service")
	// ErrRelease is returned by Open for a database of another release.
	ErrRelease = errors.New("this database has the schema of another release")
	// ErrDamaged is returned by Open for a database that is damaged or cut off.
	ErrDamaged = errors.New("this database is damaged or cut off")
)

// check refuses a file that does not carry the mark or is damaged. It changes
// nothing in it. A file that is missing, or empty as SQLite makes it, passes.
func (m Mark) check(ctx context.Context, path string) error {
	switch empty, err := isEmpty(path); {
	case err != nil:
		return err
	case empty:
		return nil
	}
	var found Mark
	var tables int
	damage := "ok"
	err := Inspect(ctx, path, func(tx *Tx) error {
		const ask = `SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
			FROM pragma_application_id, pragma_user_version`
		err := tx.QueryRow(ask).Scan(&found.Application, &found.Version, &tables)
		if err != nil || found != m {
			return err
		}
		return tx.QueryRow("PRAGMA quick_check(1)").Scan(&damage)
	})
	if err == nil && found == (Mark{}) && tables == 0 {
		return nil // its first process died before it wrote the schema
	}
	says := func(text string) bool { return err != nil && strings.Contains(err.Error(), text) }
	switch { // without C, the driver has no type for these errors
	case says("file is not a database"), err == nil && found.Application != m.Application:
		return ErrForeign
	case says("database disk image is malformed"):
		return ErrDamaged
	case err != nil:
		return err
	case found.Version != m.Version:
		return ErrRelease
	case damage != "ok":
		line := damage[strings.LastIndex(damage, "\n")+1:] // before it, which database
		return fmt.Errorf("%w: %s", ErrDamaged, line)
	}
	return nil
}

// isEmpty tells whether there is nothing in a database. If its log has something,
// then the file was cut off: SQLite would take it for new, and drop the log.
func isEmpty(path string) (bool, error) {
	file, err := os.Stat(path)
	if err == nil && file.Size() > 0 {
		return false, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return false, ErrDamaged
	}
	return true, nil
}
