// Package boundary stands where a service touches the world: at its requests
// out, its requests in, and its commits. It tells the laboratory of each, and
// carries out what the laboratory rules. The service notices nothing.
//
// The simulation and the real processes use the same boundaries; they differ
// in the Lab behind them.
package boundary

import (
	"cmp"
	"context"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/lab/fault"
)

// Lab is told of every stop, and lets it go on when its time has come.
type Lab interface {
	// Pass returns when the stop may go on. An error means that the process
	// is dead: nothing that it does can reach the world any more.
	Pass(ctx context.Context, s fault.Stop) (fault.Ruling, error)
}

// header carries a message's name from one boundary to the other.
const header = "Lab-Message"

// serving is the request in whose service a goroutine works. It travels in the
// context, so that a commit or a further request is named after it.
type serving struct {
	message string
	op, key string
	hangUp  func() // the one who waits for the answer goes away
}

type servingKey struct{}

func served(ctx context.Context) serving {
	if s, ok := ctx.Value(servingKey{}).(serving); ok {
		return s
	}
	work := httpapi.WorkOf(ctx)
	return serving{op: cmp.Or(work.Op, "background"), key: work.Key, hangUp: func() {}}
}
