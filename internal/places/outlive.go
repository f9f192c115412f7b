package places

import "context"

// Outlive returns a context with the values of a caller's context and the life of a
// service's: work that a caller has asked for goes on without it. When the service's
// context ends, this one has ended: nothing has to notice first.
func Outlive(caller, service context.Context) context.Context {
	return outlived{service, context.WithoutCancel(caller)}
}

type outlived struct {
	context.Context
	values context.Context
}

// Value is part of context.Context.
func (o outlived) Value(key any) any {
	if v := o.values.Value(key); v != nil {
		return v
	}
	return o.Context.Value(key)
}
