package lab

// Teller is where an experiment tells what it found.
type Teller struct{}
