package isolation

import (
	"context"
	"fmt"

	"example.com/dtx/internal/sqlite"
)

// large is the number of units from which on no client may see an order that is not
// decided.
const large = 50

// riceOrder is an order of rice for ada, at 30 cents. It calls look in the middle.
type riceOrder func(ctx context.Context, tale *story, s *Shop, units int64, look func())

// orderByValue lets the small orders be seen, and isolates the large ones.
func orderByValue(ctx context.Context, tale *story, s *Shop, units int64, look func()) {
	if units < large {
		orderAsSaga(ctx, tale, s, units, look)
	} else {
		orderInOne(ctx, tale, s, units, look)
	}
}

// orderAsSaga commits the rice before it asks for the money.
func orderAsSaga(ctx context.Context, tale *story, s *Shop, units int64, look func()) {
	tale.step(ctx, s.stock, "saga", "takes the rice", func(tx *sqlite.Tx) error {
		return addRice(tx, -units)
	})
	look()
	no := tale.step(ctx, s.payment, "saga", "charges ada", func(tx *sqlite.Tx) error {
		return charge(tx, 30*units)
	})
	if no != "" {
		tale.step(ctx, s.stock, "saga", "gives the rice back", func(tx *sqlite.Tx) error {
			return addRice(tx, units)
		})
	}
}

// orderInOne holds the stock's transaction open until the money is decided: all
// other orders wait. A crash between the two commits still tears it, so it
// stands here for a protocol that survives that, such as two-phase commit.
func orderInOne(ctx context.Context, tale *story, s *Shop, units int64, look func()) {
	const does = "takes the rice and ada's money, or neither"
	tale.step(ctx, s.stock, "order", does, func(tx *sqlite.Tx) error {
		if err := addRice(tx, -units); err != nil {
			return err
		}
		look()
		no := tale.step(ctx, s.payment, "order", "charges ada", func(tx *sqlite.Tx) error {
			return charge(tx, 30*units)
		})
		if no != "" {
			return no
		}
		return tale.err
	})
}

func byValue() Case {
	return Case{
		Anomaly: "dirty read", Countermeasure: "by value",
		What:     "Ada orders all the rice, and cannot pay. In between bob looks at the shelf.",
		Question: "Has bob seen less rice than there is?",
		Without:  looksAtRice(orderAsSaga, 100),
		With:     looksAtRice(orderByValue, 100),
	}
}

// looksAtRice: ada orders some of the 100 units, and bob looks in the middle.
func looksAtRice(order riceOrder, units int64) Script {
	const onShelf = "SELECT units FROM items WHERE item = 'rice'"
	return func(ctx context.Context, s *Shop) (Seen, error) {
		var tale story
		var seen int64
		order(ctx, &tale, s, units, func() {
			seen = read[int64](ctx, &tale, s.stock, onShelf)
			looks := Line{"bob", "looks at the shelf", fmt.Sprintf("rice: %d", seen)}
			tale.lines = append(tale.lines, looks)
		})
		left := read[int64](ctx, &tale, s.stock, onShelf)
		return tale.end(seen < left, "bob saw %d, rice on the shelf: %d", seen, left)
	}
}

func addRice(tx *sqlite.Tx, units int64) error {
	const update = "UPDATE items SET units = units + ? WHERE item = 'rice' AND units + ? >= 0"
	return outOfStock.ifNone(tx.Exec(update, units, units))
}
