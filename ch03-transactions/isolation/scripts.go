package isolation

// Script is an anomaly as two sessions that take turns.
type Script struct {
	Anomaly  string
	Alias    string   // its names in Berenson et al. and in Hermitage
	Given    []string // makes the tables
	Steps    []Step
	End      string // reads what is left when both are through
	Question string
	Happened func(Run) bool // answers the question
}

// Step is one line of a session: a statement, in SQL that every database
// understands. BEGIN stands for the level's own way to begin; {read} stands for
// the number that the session has read last, because a program computes and
// decides with what it has read.
type Step struct {
	Who Session
	Do  string
}

// Session is one of the two.
type Session int

// The sessions.
const (
	A Session = iota
	B
)

func (s Session) String() string { return [...]string{"A", "B"}[s] }

// Scripts returns the anomalies, the simplest first.
func Scripts() []Script {
	return []Script{
		dirtyWrite(), dirtyRead(), nonRepeatableRead(), phantom(),
		lostUpdate(), readSkew(), writeSkew(), phantomOnWrite(),
	}
}

// accounts gives ada and bob ten euros each.
func accounts() []string {
	return []string{
		"CREATE TABLE accounts (name VARCHAR(10) PRIMARY KEY, cents INT NOT NULL)",
		"INSERT INTO accounts VALUES ('ada', 1000), ('bob', 1000)",
	}
}

// bookings holds one place in Monday morning's delivery.
func bookings() []string {
	return []string{
		"CREATE TABLE bookings (id VARCHAR(10) PRIMARY KEY, slot VARCHAR(10) NOT NULL, van INT)",
		"INSERT INTO bookings VALUES ('order-1', 'mon-am', NULL)",
	}
}
