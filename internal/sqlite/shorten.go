package sqlite

import (
	"context"
	"os"
	"time"
)

// The write-ahead log begins anew when a checkpoint has moved all of it into the
// database and no reader reads from it. Readers that overlap would keep it from
// that for ever: so from maxLog on, new readers wait until those before them have
// ended, and the log begins anew.
const (
	keptLog   = 4 << 20     // bytes; a log of this size costs a commit least
	maxLog    = 2 * keptLog // bytes
	drainTime = time.Second // how long new readers wait for those before
)

// shorten begins the log anew if it is too long. The caller has the writer. If
// the readers do not end in time, it is tried again when the log is longer by half
// of keptLog.
func (db *DB) shorten() {
	info, err := os.Stat(db.path + "-wal")
	if err != nil || info.Size() <= db.nextShort {
		return
	}
	db.nextShort = info.Size() + keptLog/2
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	taken := db.reader.drain(ctx)
	defer db.reader.refill(taken)
	if taken < maxReaders {
		return
	}
	var busy, frames, moved int
	row := db.writer.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(RESTART)")
	if row.Scan(&busy, &frames, &moved) == nil && busy == 0 {
		db.nextShort = maxLog
	}
}

// drain takes places until it has all or ctx ends, and returns how many it has.
func (p *pool) drain(ctx context.Context) (taken int) {
	for ; taken < cap(p.places); taken++ {
		select {
		case p.places <- struct{}{}:
		case <-ctx.Done():
			return taken
		}
	}
	return taken
}

// refill gives places back.
func (p *pool) refill(taken int) {
	for range taken {
		<-p.places
	}
}
