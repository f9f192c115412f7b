package httpapi

// A Problem is an error answer in the form of RFC 9457,
// application/problem+json. It holds nothing but what goes over the wire, so a
// service can store the refusal it gave and give the same one again.
type Problem struct {
	Type   Kind   `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"` // the number in the answer's status line, too
	Detail string `json:"detail,omitzero"`
}

// Error returns the title and the detail.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return p.Title
	}
	return p.Title + ": " + p.Detail
}

// Unwrap returns the kind, for [errors.Is].
func (p *Problem) Unwrap() error { return p.Type }

// Outcome returns what a client may conclude. A problem that is not on the
// documented list, or comes with another status, is not the service's: [Unknown].
func (p *Problem) Outcome() Outcome {
	if m := meanings[p.Type]; m.status == p.Status {
		return m.outcome
	}
	return Unknown
}
