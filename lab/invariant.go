package lab

import "fmt"

// The invariants, by which each run is judged when all is healed and at rest: from
// what the databases say, what the clients were told, and what the services sent.
const (
	Conserved     = "conserved"
	AllOrNothing  = "all or nothing"
	Answered      = "answer kept"
	AtRest        = "nothing stuck"
	FinalAnswer   = "a final answer" // of a variant that is Idempotent
	RightMessages = "right messages" // of a variant that promises Messages
)

// Invariants says of each of them what it asks for.
func Invariants() [][]string {
	return [][]string{
		{Conserved, "units, money and places add up"},
		{AllOrNothing, "an order has each of its effects once, or none of them"},
		{Answered, "an answer that a client was given is never contradicted"},
		{AtRest, "no hold, lock, open order, unsent event or parked work is left"},
		{FinalAnswer, "a client that asks again at rest learns what became of its order"},
		{RightMessages, "requests are bounded, undone in reverse, not repeated when answered"},
	}
}

// Finding is a broken invariant.
type Finding struct {
	Invariant string // one of the constants above
	Damage    string // its kind, without names and numbers, e.g. "payment twice"
	Text      string // what was found
}

func (f Finding) String() string { return fmt.Sprintf("%s: %s", f.Damage, f.Text) }
