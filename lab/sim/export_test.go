package sim

// Following is following, for the tests.
func Following(schedule, choices []int) []int { return following(schedule, choices) }

// Restless makes a stage play every schedule.
func (s *Stage) Restless() { s.restless = true }

// ReadInTurn has reads wait for their turn, as in the long tier.
func (s *Stage) ReadInTurn() { s.inTurn = true }

// Worse is worse, for the tests.
var Worse = worse

// Uncured lets the power cut take what a lost fsync has not written, also from a
// log that was written anew.
func (s *Stage) Uncured() { s.uncured = true }

// PowerCuts is powerCuts, for the tests.
var PowerCuts = powerCuts

// Late is late, for the tests.
var Late = late

// Other is other, for the tests.
var Other = other

// RaceDetector is raceDetector, for the tests.
const RaceDetector = raceDetector

// OneOf has a stage explore one of n faults of each kind.
func (s *Stage) OneOf(n int) { s.oneOf = n }

// OnePairOf has a stage explore one of n pairs of faults.
func (s *Stage) OnePairOf(n int) { s.pairOf = n }

// ApartVariable is apartVariable, for the tests.
const ApartVariable = apartVariable
