package exercise

import (
	"context"

	"example.com/dtx/ch04-saga/exercise/shop"
	"example.com/dtx/ch04-saga/saga"
	"example.com/dtx/course/stub"
)

// Recover finishes a saga that an earlier process of the orchestrator has left open.
// s.State is what its record says: saga.Running or saga.Compensating. The record does
// not say which steps were called. But the participants remember: a participant that is
// called again gives its first answer again.
//
// An outcome is httpapi.Done, httpapi.Refused or httpapi.Unknown. The earlier process
// may have called the pivot: what does that mean for a step whose outcome you do not
// know?
//
// This process may die in the middle, too. An error of r's methods says that it ends:
// return the error, and the next process begins with the same record.
//
// You need r.Call, r.Pause, r.Write, r.Compensate and s.Pivot. About 25 lines. Read how
// the orchestrator carries out a new saga, forward and compensate in shop/run.go, and
// ask of each line whether it is right here, too.
func Recover(ctx context.Context, r *shop.Run, s saga.Saga) error {
	return stub.NotWritten()
}
