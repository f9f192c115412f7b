package boundary

import (
	"context"

	"example.com/dtx/lab/fault"
)

// Turns is a Gate that lets the laboratory decide, too, when reads begin and which
// two transactions share a commit. It is a sqlite.Scheduler.
type Turns struct {
	Gate
	Groups bool // two transactions may share a commit
}

// maxGroup is how many transactions share a commit in the laboratory.
const maxGroup = 2

// Read lets a read wait for its turn if a request is served by it.
func (t Turns) Read(ctx context.Context) error {
	s := t.stop(ctx, fault.Reading, false)
	if s.Serving == "" {
		return nil
	}
	_, err := t.Lab.Pass(ctx, s)
	return err
}

// Join lets the laboratory bring another transaction to the queue.
func (t Turns) Join(ctx context.Context, forced bool, size int) bool {
	if !t.Groups || size >= maxGroup {
		return false
	}
	_, err := t.Lab.Pass(ctx, t.stop(ctx, fault.Joining, forced))
	return err == nil
}
