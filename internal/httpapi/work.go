package httpapi

import "context"

// Work is what a service does for an order without a request: upon a message, say. It
// travels in the context, as a trace does, and names what is done there.
type Work struct {
	Op  string // e.g. "placed"
	Key string // the order's
}

type workKey struct{}

// WithWork returns a context in which work is done.
func WithWork(ctx context.Context, w Work) context.Context {
	return context.WithValue(ctx, workKey{}, w)
}

// WorkOf returns the work that is done in a context. The zero Work is none.
func WorkOf(ctx context.Context) Work {
	w, _ := ctx.Value(workKey{}).(Work)
	return w
}
