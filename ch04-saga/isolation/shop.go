package isolation

import (
	"context"
	"errors"
	"path/filepath"

	"example.com/dtx/internal/sqlite"
)

// The three services' databases. Money is in cents.
const (
	stockSchema = `
CREATE TABLE items (item TEXT PRIMARY KEY, units INTEGER NOT NULL CHECK (units >= 0),
	pending TEXT NOT NULL DEFAULT '') STRICT; -- the saga that has not decided yet
INSERT INTO items (item, units) VALUES ('tea', 1), ('rice', 100);
`
	paymentSchema = `
CREATE TABLE accounts (customer TEXT PRIMARY KEY, cents INTEGER NOT NULL CHECK (cents >= 0)) STRICT;
CREATE TABLE refunds (order_id TEXT PRIMARY KEY, cents INTEGER NOT NULL) STRICT;
CREATE TABLE operations (order_id TEXT NOT NULL, operation TEXT NOT NULL, cents INTEGER NOT NULL,
	PRIMARY KEY (order_id, operation)) STRICT;
INSERT INTO accounts VALUES ('ada', 1000), ('bob', 0);
`
	deliverySchema = `
CREATE TABLE addresses (customer TEXT PRIMARY KEY, district TEXT NOT NULL) STRICT;
CREATE TABLE vans (district TEXT PRIMARY KEY, places INTEGER NOT NULL CHECK (places >= 0)) STRICT;
CREATE TABLE parcels (order_id TEXT PRIMARY KEY, van TEXT NOT NULL REFERENCES vans,
	label TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('packed', 'sent', 'returned'))) STRICT;
INSERT INTO addresses VALUES ('ada', 'north'), ('bob', 'south');
INSERT INTO vans VALUES ('north', 1), ('south', 1), ('west', 0);
`
)

// Shop is a shop whose services have a database each.
type Shop struct{ stock, payment, delivery *sqlite.DB }

// open makes a new shop in a folder.
func open(ctx context.Context, dir string) (s *Shop, err error) {
	s = &Shop{}
	for _, service := range []struct {
		name, schema string
		db           **sqlite.DB
	}{
		{"stock", stockSchema, &s.stock},
		{"payment", paymentSchema, &s.payment},
		{"delivery", deliverySchema, &s.delivery},
	} {
		*service.db, err = sqlite.Open(ctx, sqlite.Config{
			Path: filepath.Join(dir, service.name+".db"), Schema: service.schema,
		})
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	return s, nil
}

func (s *Shop) close() (err error) {
	for _, db := range []*sqlite.DB{s.stock, s.payment, s.delivery} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}
