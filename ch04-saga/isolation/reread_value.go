package isolation

import (
	"context"

	"example.com/dtx/internal/sqlite"
)

const moved refusal = "the address has changed"

// load puts the parcel into the van, with a label that says where ada lives.
func load(tx *sqlite.Tx, van string) error {
	_, err := tx.Exec(`INSERT INTO parcels SELECT 'order-1', ?, district, 'packed'
		FROM addresses WHERE customer = 'ada'`, van)
	return err
}

// loadReread does it only where the address is still what the van was chosen by.
func loadReread(tx *sqlite.Tx, van string) error {
	return moved.ifNone(tx.Exec(`INSERT INTO parcels SELECT 'order-1', ?, district, 'packed'
		FROM addresses WHERE customer = 'ada' AND district = ?`, van, van))
}

func rereadValue() Case {
	return Case{
		Anomaly: "fuzzy read", Countermeasure: "reread value",
		What: "A saga books a place in the van to ada's district. Later it puts a label on the " +
			"parcel, and the parcel into the van. In between she moves to another district.",
		Question: "Does the label name another district than the van's?",
		Without:  moves(load, "south"),
		With:     moves(loadReread, "south"),
	}
}

// maxAttempts bounds how often a saga starts a step again.
const maxAttempts = 3

// moves: a saga reads twice where ada lives. In between she moves, once for each
// of the districts.
func moves(load func(*sqlite.Tx, string) error, districts ...string) Script {
	return func(ctx context.Context, s *Shop) (Seen, error) {
		var tale story
		for attempt := range maxAttempts {
			van, no := chooseVan(ctx, &tale, s)
			if no != "" {
				break
			}
			if attempt < len(districts) {
				to := districts[attempt]
				tale.step(ctx, s.delivery, "ada", "moves "+to, func(tx *sqlite.Tx) error {
					const update = "UPDATE addresses SET district = ? WHERE customer = 'ada'"
					_, err := tx.Exec(update, to)
					return err
				})
			}
			loads := "loads the parcel into the van " + van
			no = tale.step(ctx, s.delivery, "saga", loads, func(tx *sqlite.Tx) error {
				return load(tx, van)
			})
			if no == "" {
				break
			}
			tale.step(ctx, s.delivery, "saga", "gives the place back", func(tx *sqlite.Tx) error {
				_, err := tx.Exec("UPDATE vans SET places = places + 1 WHERE district = ?", van)
				return err
			})
		}
		parcel := read[string](ctx, &tale, s.delivery,
			"SELECT coalesce(max('van '||van||', label '||label), 'no parcel') FROM parcels")
		wrong := read[int64](ctx, &tale, s.delivery,
			"SELECT count(*) FROM parcels WHERE van <> label")
		return tale.end(wrong > 0, "%s", parcel)
	}
}

// chooseVan takes a place in the van that goes to where ada lives.
func chooseVan(ctx context.Context, tale *story, s *Shop) (van string, no refusal) {
	const takes = "takes a place in the van to ada"
	no = tale.step(ctx, s.delivery, "saga", takes, func(tx *sqlite.Tx) error {
		const districtOfAda = "SELECT district FROM addresses WHERE customer = 'ada'"
		if err := tx.QueryRow(districtOfAda).Scan(&van); err != nil {
			return err
		}
		return takePlace(tx, van)
	})
	return van, no
}
