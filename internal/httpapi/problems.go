package httpapi

import (
	"fmt"
	"net/http"
)

// A Kind is the type of a [Problem]: the URI of RFC 9457, section 3.1.1.
// It is an error, so that both sides of a call can say which one they mean:
//
//	return httpapi.OutOfStock.With("%d of %s wanted, %d left", 2, "tea", 1) // a service
//	if errors.Is(err, httpapi.OutOfStock) { … }                             // its client
//
// The URIs are names and not addresses: they stand under this module's own
// path, example.com is reserved (RFC 2606) and never answers, and a name once
// given never changes, because clients compare it.
type Kind string

const uri = "https://example.com/dtx/problems/"

// The documented list of problems. A client can meet no other from a service
// of this course; what else it meets (a proxy's page, say) is no answer at all
// and leaves the outcome [Unknown]. NoRoute, MethodNotAllowed, InFlight, OutcomeUnknown and
// Internal are [Unknown], Locked and Unavailable are [NotDone], and all others [Refused].
const (
	// Malformed is returned when a request cannot be read as what it should be.
	Malformed Kind = uri + "malformed"
	// MissingKey is returned when a request has no Idempotency-Key.
	MissingKey Kind = uri + "missing-idempotency-key"
	// Unprocessable is returned when a well-formed value is out of its range.
	Unprocessable Kind = uri + "unprocessable"
	// UnknownCustomer is returned when no customer has the name.
	UnknownCustomer Kind = uri + "unknown-customer"
	// UnknownItem is returned when the shop does not sell the item.
	UnknownItem Kind = uri + "unknown-item"
	// UnknownSlot is returned when there is no such delivery slot.
	UnknownSlot Kind = uri + "unknown-slot"
	// KeyReused is returned when an Idempotency-Key comes back with another body.
	KeyReused Kind = uri + "key-reused"
	// NoRoute is returned when a service has nothing at a path: it is not the one
	// that was meant. What that one has done, this one cannot say.
	NoRoute Kind = uri + "no-route"
	// NotFound is returned when there is no such resource.
	NotFound Kind = uri + "not-found"
	// MethodNotAllowed is returned when a resource has no such method; the
	// header Allow lists those it has. As with NoRoute, another service was meant.
	MethodNotAllowed Kind = uri + "method-not-allowed"
	// OutOfStock is returned when fewer units are left than were ordered.
	OutOfStock Kind = uri + "out-of-stock"
	// InsufficientFunds is returned when a balance is below the price.
	InsufficientFunds Kind = uri + "insufficient-funds"
	// SlotFull is returned when a delivery slot has no place left.
	SlotFull Kind = uri + "slot-full"
	// Compensated is returned when a call comes after its own compensation.
	Compensated Kind = uri + "compensated"
	// Cancelled is returned when a try comes after its own cancel.
	Cancelled Kind = uri + "cancelled"
	// GivenUp is returned when an order is undone because a service did not
	// answer in time. It may be placed again under another key.
	GivenUp Kind = uri + "given-up"
	// InFlight is returned when the same Idempotency-Key is being worked on.
	InFlight Kind = uri + "in-flight"
	// Locked is returned when a transaction that is not decided yet holds what
	// the request needs. Nothing was done; when that one has ended, it may be.
	Locked Kind = uri + "locked"
	// TooLarge is returned when a body has more than [MaxBody] bytes.
	TooLarge Kind = uri + "too-large"
	// UnsupportedMediaType is returned when a body is not declared to be JSON.
	UnsupportedMediaType Kind = uri + "unsupported-media-type"
	// OutcomeUnknown is returned when a service cannot say whether it has done
	// what was asked, as after a failed COMMIT.
	OutcomeUnknown Kind = uri + "outcome-unknown"
	// Unavailable is returned when a request was given up before it began.
	Unavailable Kind = uri + "unavailable"
	// Internal is returned when a service fails in a way that it did not
	// foresee. It may have failed before its commit or after it: a client may
	// conclude nothing.
	Internal Kind = uri + "internal"
)

// A meaning is what a kind of problem stands for, the same in every service.
type meaning struct {
	status  int
	outcome Outcome
	title   string
}

// meanings is never written to.
var meanings = map[Kind]meaning{
	Malformed:       {http.StatusBadRequest, Refused, "malformed request"},
	MissingKey:      {http.StatusBadRequest, Refused, "missing idempotency key"},
	Unprocessable:   {http.StatusUnprocessableEntity, Refused, "unprocessable value"},
	UnknownCustomer: {http.StatusUnprocessableEntity, Refused, "unknown customer"},
	UnknownItem:     {http.StatusUnprocessableEntity, Refused, "unknown item"},
	UnknownSlot:     {http.StatusUnprocessableEntity, Refused, "unknown delivery slot"},
	KeyReused: {
		http.StatusUnprocessableEntity, Refused,
		"idempotency key reused with another body",
	},
	NoRoute:              {http.StatusNotFound, Unknown, "no such path"},
	NotFound:             {http.StatusNotFound, Refused, "not found"},
	MethodNotAllowed:     {http.StatusMethodNotAllowed, Unknown, "method not allowed"},
	OutOfStock:           {http.StatusConflict, Refused, "out of stock"},
	InsufficientFunds:    {http.StatusConflict, Refused, "insufficient funds"},
	SlotFull:             {http.StatusConflict, Refused, "delivery slot full"},
	Compensated:          {http.StatusConflict, Refused, "compensated before it came"},
	Cancelled:            {http.StatusConflict, Refused, "cancelled before it came"},
	GivenUp:              {http.StatusConflict, Refused, "given up"},
	InFlight:             {http.StatusConflict, Unknown, "request in flight"},
	Locked:               {http.StatusLocked, NotDone, "locked by a transaction"},
	TooLarge:             {http.StatusRequestEntityTooLarge, Refused, "body too large"},
	UnsupportedMediaType: {http.StatusUnsupportedMediaType, Refused, "unsupported media type"},
	OutcomeUnknown:       {http.StatusServiceUnavailable, Unknown, "outcome unknown"},
	Unavailable:          {http.StatusServiceUnavailable, NotDone, "service unavailable"},
	Internal:             {http.StatusInternalServerError, Unknown, "internal error"},
}

// Error returns the title of the kind, or its URI if it is not on the list.
func (k Kind) Error() string {
	if m, ok := meanings[k]; ok {
		return m.title
	}
	return string(k)
}

// With returns a problem of this kind whose detail is formatted as by
// [fmt.Sprintf]. The detail is read by people; programs read the kind. A kind
// that is not on the list has no status, and [Handle] answers it as [Internal].
func (k Kind) With(format string, args ...any) *Problem {
	m := meanings[k]
	return &Problem{Type: k, Title: m.title, Status: m.status, Detail: fmt.Sprintf(format, args...)}
}
