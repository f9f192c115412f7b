package grade

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/metrics"
	"strings"
	"time"

	"example.com/dtx/course/study"
)

const (
	patience  = 5 * time.Second        // without progress, in real time: then the step is cut
	glance    = 100 * time.Millisecond // how often that is looked at
	maxMemory = 1 << 30                // bytes on the heap: no step needs a tenth of it
	looks     = 10                     // at a program that is cut
	lookPause = 2 * time.Millisecond   // between two of them
	leaving   = time.Second            // for goroutines that are about to end
)

// watch cuts the step when it makes no progress though it could, or takes all of the
// machine's memory: an endless loop and a lock that is held for ever have no other end. A
// process that was cut leaves nothing: its temporary files are its parent's.
func (t *T) watch() (stop func()) {
	ended := make(chan struct{})
	go func() {
		tick := time.NewTicker(glance)
		defer tick.Stop()
		for runs, quiet, last := int64(0), time.Duration(0), time.Now(); ; last = time.Now() {
			select {
			case <-ended:
				return
			case <-tick.C:
			}
			isStarved := time.Since(last) > 2*glance // the machine is busy with something else
			switch now := t.runs.Load(); {
			case now != runs:
				runs, quiet = now, 0
			case quiet > patience:
				cut(fmt.Sprintf("after %v without progress", patience))
			case heap() > maxMemory:
				cut("your program holds more than 1 GB of memory")
			case !isStarved:
				quiet += glance
			}
		}
	}()
	return func() { close(ended) }
}

// cut ends the process, and says where the student's code is.
func cut(why string) {
	if err := leave(study.Finding{Cut: why + ": " + stuck()}); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(1)
}

// heap returns how much memory the program holds, in bytes.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// goroutines returns the stacks of those that are in the student's code.
func goroutines() (stacks []string) {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		if place(stack) != "" {
			stacks = append(stacks, stack)
		}
	}
	return stacks
}

// frame matches where a stack is in the files of an exercise.
var frame = regexp.MustCompile(`(ch\d\d-[^/\s]+/exercise/[^/\s]+\.go:\d+)`)

// place returns the innermost place of a stack that is in the student's files.
func place(stack string) string {
	for _, at := range frame.FindAllString(strings.ReplaceAll(stack, `\`, "/"), -1) {
		if !strings.Contains(at, "_test.go:") {
			return at
		}
	}
	return ""
}

// meanings are the states of a goroutine, the most telling first.
var meanings = []struct{ state, meaning string }{
	{"Mutex", "waits for a lock that is never given back (is it held across a call?)"},
	{"running", "is in a loop without an end"},
	{"runnable", "is in a loop without an end"},
	{"syscall", "is in a loop without an end"}, // it calls the database again and again
	{"chan", "waits on a channel for what never comes"},
	{"select", "waits on a channel for what never comes"},
	{"sleep", "sleeps"},
	{"", "waits"},
}

// stuck says where the student's code is, and what it seems to do there. It looks more
// than once: a loop that calls the database often waits for it.
func stuck() string {
	var stacks []string
	for range looks {
		stacks = append(stacks, goroutines()...)
		time.Sleep(lookPause)
	}
	for _, m := range meanings {
		for _, stack := range stacks {
			head, _, _ := strings.Cut(stack, "\n")
			if strings.Contains(head, m.state) {
				return fmt.Sprintf("%s %s", place(stack), m.meaning)
			}
		}
	}
	return "your code was left, and yet something waits for it"
}

// requireNoneLeft fails if the student's code has left goroutines behind. In a
// simulated run, the run itself would not end.
func (t *T) requireNoneLeft() {
	t.Helper()
	for deadline := time.Now().Add(leaving); ; runtime.Gosched() {
		left := goroutines()
		if len(left) == 0 || t.Failed() {
			return
		}
		if time.Now().After(deadline) {
			found := "a goroutine that never ends, at " + place(left[0])
			t.FailWith(study.Finding{Found: []string{found}})
		}
	}
}
