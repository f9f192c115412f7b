package exercise

import (
	"errors"
	"runtime"

	"example.com/dtx/ch03-transactions/exercise/tap"
)

// path is a way in which a transaction's function ends, when it has written two rows.
type path struct {
	name   string
	panics bool
	end    func() (string, error)
}

const panics = "mine" // what a function panics with

// paths are all ways. A function's goroutine ends where a test calls t.FailNow.
func paths() []path {
	return []path{
		{"returned its receipt", false, func() (string, error) { return "receipt", nil }},
		{"returned an error", false, func() (string, error) { return "half a receipt", errMine }},
		{"panicked", true, func() (string, error) { panic(panics) }},
		{"ended its goroutine, with runtime.Goexit, as t.FailNow does", false,
			func() (string, error) { runtime.Goexit(); return "", nil }},
	}
}

var errMine = errors.New("an error of the function")

// blow is what strikes a statement, the first being 1.
type blow struct {
	at     int
	fate   tap.Fate
	gone   bool // the caller goes away when it arrives
	goneBy bool // the caller goes away when it has been served
}

func blows() (list []blow) {
	for at := 1; at <= 4; at++ { // BEGIN, two rows, and COMMIT or ROLLBACK
		list = append(list,
			blow{at: at, fate: tap.Refused},
			blow{at: at, fate: tap.Cut},
			blow{at: at, gone: true},
			blow{at: at, goneBy: true})
	}
	return append(list, blow{at: 4, fate: tap.Applied})
}

func (b blow) String() string {
	switch {
	case b.gone:
		return "the caller went away at this moment"
	case b.goneBy:
		return "the caller went away after it"
	}
	return [...]string{
		tap.Served:  "",
		tap.Refused: "it was refused",
		tap.Cut:     "the connection broke before it arrived",
		tap.Applied: "it was done, and the connection broke before the answer",
	}[b.fate]
}
