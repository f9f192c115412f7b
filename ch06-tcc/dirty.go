package main

import (
	"context"
	"example.com/dtx/lab"
)

func dirty(ctx context.Context, t *lab.Teller) error { return nil }
