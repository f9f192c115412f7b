//go:build !unix

package sqlite

// owner is nothing where there is no flock: a log whose fsync has failed stays
// as it is there.
type owner struct{}

func own(string) (*owner, error) { return &owner{}, nil }

func (*owner) close() error { return nil }
