package httpapi

// Only the tests need these names.
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
