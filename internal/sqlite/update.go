package sqlite

import "context"

// Update runs fn in a transaction and makes it durable: when Update returns
// nil, what fn did survives a power cut. When fn returns an error, nothing of
// it was done, and Update returns that error as it is.
//
// Updates that wait at the same time share one commit. Each is answered after
// it, so each waits for the slowest of the group; what one does is visible to the
// next, as if it had committed; an error or a panic undoes only its own. An
// Update that changes nothing forces nothing, not even what an UpdateUnforced
// before it has done.
//
// The transaction is bound to the database's life, not to ctx: a caller who
// hangs up can still prevent the beginning (ErrNotBegun), but not tear the
// middle. After ErrUnknown the database is closed for further work (Failed).
//
// Nothing that waits for another service belongs into fn: every other writer
// waits for it. An Update within fn waits for itself, until its ctx ends.
func (db *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	return db.update(ctx, true, fn)
}

// UpdateUnforced is Update for what may be lost in a power cut but must never
// be torn, such as the record that a protocol has ended. It costs no fsync,
// except when it begins a new log. The next forced commit makes it durable too.
func (db *DB) UpdateUnforced(ctx context.Context, fn func(*Tx) error) error {
	return db.update(ctx, false, fn)
}

func (db *DB) update(ctx context.Context, forced bool, fn func(*Tx) error) error {
	if g, ok := db.gate.(StatementGate); ok {
		ctx = g.Watch(ctx)
	}
	if db.gate != nil {
		if err := db.gate.Begin(ctx, forced); err != nil {
			return failure{ErrNotBegun, err}
		}
	}
	g, err := db.queue.enter(ctx, &waiter{forced: forced})
	if err != nil {
		return failure{ErrNotBegun, err}
	}
	if g == nil {
		if g, err = db.begin(forced); err != nil {
			db.queue.leave()
			return failure{ErrNotBegun, err}
		}
	}
	return db.join(ctx, g, fn)
}
