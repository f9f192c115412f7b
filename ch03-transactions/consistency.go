package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"example.com/dtx/ch03-transactions/shop"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// wish is something that the shop never wants to see in its database, and what
// the schema says to it.
type wish struct {
	what, statement string
	refusedBy       string // empty if the schema lets it pass
}

// wishes are statements to try on a shop's database, each by itself.
func wishes() []wish {
	return []wish{
		{
			what:      "a negative amount",
			statement: "UPDATE items SET units = units - 11 WHERE item = 'tea'",
		},
		{
			what:      "an order by an unknown customer",
			statement: "INSERT INTO orders VALUES ('order-1', 'unknown', 'tea', 1)",
		},
		{
			what: "the same order twice",
			statement: "INSERT INTO orders VALUES " +
				"('order-1', 'ada', 'tea', 1), ('order-1', 'ada', 'tea', 1)",
		},
		{
			what:      "an order without an item",
			statement: "INSERT INTO orders VALUES ('order-1', 'ada', NULL, 1)",
		},
		{
			what:      "\"two\" for a number",
			statement: "UPDATE items SET units = 'two' WHERE item = 'tea'",
		},
		{
			what:      "units are gone without an order",
			statement: "UPDATE items SET units = units - 2 WHERE item = 'tea'",
		},
		{
			what:      "money that comes from nowhere",
			statement: "UPDATE customers SET cents = cents + 100000 WHERE customer = 'ada'",
		},
		{
			what:      "an order without a payment",
			statement: "INSERT INTO orders VALUES ('order-1', 'ada', 'tea', 2)",
		},
	}
}

// askSchema tries every wish on a fresh database in dir.
func askSchema(ctx context.Context, dir string) (list []wish, err error) {
	db, err := sqlite.Open(ctx, sqlite.Config{
		Path: filepath.Join(dir, "shop.db"), Schema: shop.Schema,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, w := range wishes() {
		refusal := db.Update(ctx, func(tx *sqlite.Tx) error {
			if _, err := tx.Exec(w.statement); err != nil {
				return err
			}
			return errGranted // and undone, so that the next one finds the same database
		})
		if !errors.Is(refusal, errGranted) {
			w.refusedBy = constraint(refusal)
		}
		list = append(list, w)
	}
	return list, nil
}

var errGranted = errors.New("granted")

// constraint names the kind of constraint that an error of SQLite speaks of.
func constraint(err error) string {
	for _, kind := range []string{
		"CHECK", "FOREIGN KEY", "UNIQUE", "NOT NULL", "cannot store TEXT",
	} {
		if strings.Contains(err.Error(), kind) {
			if kind == "cannot store TEXT" {
				return "STRICT"
			}
			return kind
		}
	}
	return err.Error()
}

// consistency shows what a schema refuses by itself, and what it cannot know.
func consistency(ctx context.Context, t *lab.Teller) (err error) {
	dir, err := os.MkdirTemp("", "dtx")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	list, err := askSchema(ctx, dir)
	if err != nil {
		return err
	}
	rows := [][]string{{"what is wrong", "refused by"}}
	for _, w := range list {
		rows = append(rows, []string{w.what, orNothing(w.refusedBy)})
	}
	t.Table(rows)
	t.Say("%s", "A constraint sees one row, or a reference. "+
		"That an order, its units and its money belong together, only a transaction can say.")
	return nil
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
