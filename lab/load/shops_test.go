package load_test

import (
	"context"
	"net/http"
	"os"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/toy"
)

// chapter is the toy, and shops that only a load meets.
func chapter() lab.Chapter {
	c := toy.Chapter()
	c.Variants = append(c.Variants, slow(), late(), mortal())
	return c
}

// shop writes orders down, and is disturbed in the middle of it.
type shop struct {
	http.Handler
	db *sqlite.DB
}

func shopWith(name string, disturb func(lab.Order), wrap func(shop) http.Handler) lab.Variant {
	return lab.Variant{Name: name, Services: []lab.Service{{
		Name:    "shop",
		Schema:  "CREATE TABLE orders (id TEXT PRIMARY KEY, open INTEGER NOT NULL) STRICT",
		Queries: lab.Queries{Stuck: "SELECT id FROM orders WHERE open"},
		New: func(db *sqlite.DB, _ *http.Client) http.Handler {
			return wrap(shop{httpapi.Handle(func(w http.ResponseWriter, r *http.Request) error {
				var o lab.Order
				o, err := httpapi.Decode[lab.Order](w, r)
				if err != nil {
					return err
				}
				err = db.Update(r.Context(), func(tx *sqlite.Tx) error {
					disturb(o)
					const insert = "INSERT INTO orders VALUES (?, ?)"
					_, err := tx.Exec(insert, r.Header.Get("Idempotency-Key"), name == "late")
					return err
				})
				if err != nil {
					return err
				}
				return httpapi.WriteJSON(w, http.StatusCreated, struct{}{})
			}), db})
		},
	}}}
}

func unwrapped(s shop) http.Handler { return s.Handler }

// slow takes so long for a transaction that others have to wait for it.
func slow() lab.Variant {
	return shopWith("slow", func(lab.Order) { time.Sleep(time.Millisecond) }, unwrapped)
}

// mortal dies of an order.
func mortal() lab.Variant {
	return shopWith("mortal", func(o lab.Order) {
		if o.Customer == "poison" {
			os.Exit(3)
		}
	}, unwrapped)
}

// late has work left when it has answered.
func late() lab.Variant {
	return shopWith("late", func(lab.Order) {}, func(s shop) http.Handler { return idler{s} })
}

// batch is how many orders an idler waits for: as many as a client places to
// warm up, so that its work meets no order's.
const batch = 4

// idler does the work on a batch of orders some time after it is complete.
type idler struct{ shop }

func (s idler) Run(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		err := s.db.Update(context.Background(), func(tx *sqlite.Tx) error {
			const done = "UPDATE orders SET open = 0 " +
				"WHERE open AND (SELECT sum(open) FROM orders) = ?"
			_, err := tx.Exec(done, batch)
			return err
		})
		if err != nil {
			return err
		}
	}
}
