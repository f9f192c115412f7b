package servers

import (
	"context"
	"errors"
)

// Nowhere are both servers as on a machine that has none of their places.
func Nowhere() map[string]func(context.Context) (*Server, error) {
	starts := map[string]func(context.Context) (*Server, error){}
	for _, k := range []kind{postgres(), mariadb()} {
		k.places = nil
		starts[k.name] = func(ctx context.Context) (*Server, error) { return start(ctx, k) }
	}
	return starts
}

// Missing tells which servers are not installed.
func Missing() error {
	_, _, err := postgres().find()
	_, _, err2 := mariadb().find()
	return errors.Join(err, err2)
}

// NewDirectory makes a directory, with files that a command makes in it.
func NewDirectory(
	ctx context.Context, command ...string,
) (path string, remove func() error, err error) {
	d, err := newDirectory(ctx, command)
	if err != nil {
		return "", nil, err
	}
	return d.path, d.remove, nil
}
