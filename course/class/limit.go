package main

import (
	"errors"
	"fmt"
	"os/exec"
	"time"

	"example.com/dtx/internal/program"
)

// glance is how often the memory is looked at.
const glance = 200 * time.Millisecond

// patience is how many times the limit of time a program may take on the clock. A program
// that waits takes none of the processor's time, and a busy machine is no fault of it.
const patience = 10

// limits bound what a student's program, and what it starts, may take.
type limits struct {
	time   time.Duration // the processor's
	memory int64         // resident, in bytes
}

// errLimit is returned when a program came to a limit, and was ended.
type errLimit struct{ error }

// run runs a command, and what it starts, until it ends or comes to a limit.
func (l limits) run(cmd *exec.Cmd) error {
	program.Together(cmd)
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	over := time.After(patience * l.time)
	var limit error
	for {
		select {
		case err := <-ended:
			_ = program.Kill(cmd) // what it has left behind
			if limit != nil {
				return limit
			}
			return err
		case <-over:
			limit = errLimit{fmt.Errorf("it did not end within %v", patience*l.time)}
		case <-tick.C:
			memory, took := used(cmd.Process.Pid)
			if memory > l.memory {
				limit = errLimit{fmt.Errorf("it held more than %d MB of memory", l.memory>>20)}
			} else if took > l.time {
				limit = errLimit{fmt.Errorf("it took the processor for more than %v", l.time)}
			}
		}
		if limit != nil {
			_ = program.Kill(cmd)
		}
	}
}

// isLimit tells whether a program was ended at a limit.
func isLimit(err error) bool {
	_, ok := errors.AsType[errLimit](err)
	return ok
}
