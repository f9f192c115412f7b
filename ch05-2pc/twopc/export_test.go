package twopc

// Said is a participant's answer, or the error in its place.
type Said = vote

// Heard returns an answer.
func Heard(said string, err error) Said { return vote{said, err} }

// Tally counts the votes.
var Tally = tally
