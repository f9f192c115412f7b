package attach

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/mattn/go-sqlite3" // the driver registers itself
)

// folderVariable names the folder of the two databases to a process that is to
// place an order in them.
const folderVariable = "ATTACH_FOLDER"

// What the process prints around its transaction, so that a trace shows it.
const (
	beginning = "BEGIN"
	done      = "COMMIT is done"
)

// Child places one order and does not return, if this process was started to do
// so. A program and its tests call it first.
func Child() {
	folder := os.Getenv(folderVariable)
	if folder == "" {
		return
	}
	if err := place(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0) // the files stay as the commit left them
}

// place takes two units from one file and ten euros from another, in one
// transaction.
func place(folder string) error {
	db, err := open(filepath.Join(folder, stock))
	if err != nil {
		return err
	}
	if _, err := db.Exec("ATTACH ? AS payment", filepath.Join(folder, payment)); err != nil {
		return fmt.Errorf("attach: %w", err)
	}
	for _, step := range []string{
		"PRAGMA payment.synchronous = FULL",
		"SELECT * FROM main.amount, payment.amount", // SQLite opens a log when it is first needed
	} {
		if _, err := db.Exec(step); err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	fmt.Println(beginning)
	for _, step := range []string{
		"BEGIN IMMEDIATE",
		"UPDATE main.amount SET n = n - 2",
		"UPDATE payment.amount SET n = n - 1000",
		"COMMIT",
	} {
		if _, err := db.Exec(step); err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	fmt.Println(done)
	return nil
}

// open opens a database with one connection, whose every commit is forced.
func open(path string) (*sql.DB, error) {
	file := url.URL{
		Scheme:   "file",
		Path:     "/" + strings.TrimPrefix(filepath.ToSlash(path), "/"),
		RawQuery: "_synchronous=FULL",
	}
	db, err := sql.Open("sqlite3", file.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}
