package httpapi

// What the tests look at and nobody else needs.
var (
	NewServer   = newServer
	ServeWithin = serve
)

// Kinds returns the documented list.
func Kinds() map[Kind]Outcome {
	kinds := make(map[Kind]Outcome)
	for kind, m := range meanings {
		kinds[kind] = m.outcome
	}
	return kinds
}
