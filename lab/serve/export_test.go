package serve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// NewSparing is newSparing, for the tests.
func NewSparing(h slog.Handler) slog.Handler { return newSparing(h) }

// RunOn runs a service on its database until it ends.
func RunOn(ctx context.Context, s lab.Service, db *sqlite.DB, listener net.Listener) error {
	list := []*served{{Service: s, db: db, listener: listener}}
	err := runAll(ctx, list, http.DefaultClient)
	return errors.Join(err, closeAll(list))
}

// Typed is typed, for the tests.
var Typed = typed
