package lab

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab/fault"
)

// Chapter is what a chapter's main.go tells the laboratory.
type Chapter struct {
	Name        string // the folder, e.g. "ch01-overview"
	Title       string
	Variants    []Variant
	Default     string // the variant of a command that names none; empty means the first
	Scenarios   []Scenario
	Effects     func(Order) []Effect // what a confirmed order has done, once each
	Experiments []Experiment
}

// Variant is one way to build the shop.
type Variant struct {
	Name       string
	About      string    // one line
	Price      string    // what is paid for it, in a few words
	Services   []Service // the first takes the orders
	Spares     []Service // other versions, which an experiment puts in a service's place
	Try        []string  // commands that -serve proposes; the hosts in them are service names
	Idempotent bool      // each client may ask again, and gets the final answer to its order
	Messages   Messages  // what it promises of them
	Environ    []string  // what the environment of its processes has besides, as name=value
	Waits      []string  // operations that wait until something happens, e.g. "POST /fetch"
	// Unforced says that what is not forced matters to other orders, so it is
	// interleaved as durable writes are.
	Unforced bool
}

// Messages is what a variant promises of the requests that its services send for one
// order. Requests that only ask (GET) do not count. The zero value promises nothing.
type Messages struct {
	Most   int               // how many there are, with repetitions
	Undoes map[string]string // a compensation's step: "POST /give-back": "POST /take"
	Again  string            // how operations begin that each delivery of a message has
}

// Service is a program of its own, with a database of its own.
type Service struct {
	Name    string
	Version string // tells apart those that stand under one name
	// Upgrade are statements of SQL by which this version changes the schema of its
	// database when it starts on the files of another one.
	Upgrade []string
	// Program is the path of the program whose service it is (source.Build makes it), in a
	// variant of this name; empty
	// means the program of all others.
	Program string
	Schema  string // the schema of its database; empty if it has none
	Queries Queries
	// Ledger reads the service's ledger, if its data is not in a file of the
	// laboratory's but in a database server. It goes past the service.
	Ledger func(ctx context.Context) (Ledger, error)
	// New builds the service. If what it returns is also a Runner, it has
	// background work. The host names in the client's URLs are service names.
	New func(db *sqlite.DB, client *http.Client) http.Handler
	// Open builds a service that keeps its data in a folder and has neither a Schema
	// nor New. It is a Runner, whose Run closes what is open.
	Open func(ctx context.Context, folder string) (http.Handler, error)
	// Command starts a program that is not the laboratory's, such as one in another
	// language, for a service that has no Schema, New or Open. The program listens on
	// 127.0.0.1 at the port that PORT says, keeps its data in the folder that DATA says,
	// and answers GET /ledger, of which Audit makes the service's ledger.
	Command []string
	Audit   func(answer []byte) (Ledger, error)
}

// SchemaOfItsProgram is the Schema of a service whose program is another chapter's. It has
// a database, whose schema only that program knows.
const SchemaOfItsProgram = "its own"

// HasDatabase tells whether the service keeps its data in a file of the laboratory's.
func (s Service) HasDatabase() bool { return s.Schema != "" }

// Build builds the service on its database, or on its folder.
func (s Service) Build(
	ctx context.Context, db *sqlite.DB, folder string, client *http.Client,
) (http.Handler, error) {
	if s.Open == nil {
		return s.New(db, client), nil
	}
	return s.Open(ctx, folder)
}

// Runner is a service with background work. Run returns when ctx is done and
// all its goroutines have ended. If it returns an error, its process ends, and is started again.
type Runner interface {
	Run(ctx context.Context) error
}

// Order is what a customer wants. Its key is the Idempotency-Key.
type Order struct {
	Key      string `json:"-"`
	Customer string `json:"customer"`
	Item     string `json:"item"`
	Quantity int    `json:"quantity"`
	Slot     string `json:"slot"`
}

// Scenario is a situation that every variant must handle.
type Scenario struct {
	Name    string
	Orders  []Order  // several are placed at once if they do not come in turn
	InTurn  bool     // one after the other, by one client
	Want    []int    // the statuses of the answers if nothing fails, in any order
	Tries   int      // how often a client asks until it has an answer; 0 is once
	Deep    bool     // see InDepth
	Parked  []string // the reasons of what may be parked at the end, one for each
	Release string   // the version as which a service comes back that has died
	Means   string   // what is new in that version, in words; may be empty
	Version string   // the version as which a service begins that has one of that name
	More    []Order  // placed at rest: each must get its final answer
	Change  Change   // what happens to the world between the first answer and its repetition
	// Instead is what a confirmed order may do instead of Chapter.Effects. It does one or
	// the other, and not some of both. Nil means that it has no choice.
	Instead func(Order) []Effect
}

// AtOnce tells whether orders race each other. Such a scenario is played in
// every interleaving.
func (s Scenario) AtOnce() bool { return len(s.Orders) > 1 && !s.InTurn }

// InDepth returns a scenario of orders at once in which two updates may share a
// commit, and, after all interleavings without a fault, one fault strikes.
func (s Scenario) InDepth() Scenario {
	s.Deep = true
	return s
}

// Shallow returns a chapter without what InDepth adds, for the shortest tests.
func (c Chapter) Shallow() Chapter {
	c.Scenarios = slices.Clone(c.Scenarios)
	for i := range c.Scenarios {
		c.Scenarios[i].Deep = false
	}
	return c
}

// SameKey returns the scenario of two different orders that come at the same moment
// under the key of the first.
func SameKey(first, second Order) Scenario {
	second.Key = first.Key
	return Scenario{
		Name: "the same key with another body", Orders: []Order{first, second}, Tries: 5,
		Want: []int{http.StatusCreated, http.StatusUnprocessableEntity},
	}
}

// Twins tells whether two orders have the same key.
func (s Scenario) Twins() bool {
	keys := map[string]bool{}
	for _, o := range s.Orders {
		keys[o.Key] = true
	}
	return len(keys) < len(s.Orders)
}

// Experiment is one claim of a lesson, run in real processes.
type Experiment struct {
	Name  string
	Claim string
	Run   func(ctx context.Context, out *Teller) error
}

// Tabled is the Run of an experiment that prints what it counts.
func Tabled(
	count func(context.Context) ([][]string, error),
) func(context.Context, *Teller) error {
	return func(ctx context.Context, out *Teller) error {
		rows, err := count(ctx)
		if err == nil {
			out.Table(rows)
		}
		return err
	}
}

// Variant returns the variant of that name.
func (c Chapter) Variant(name string) (Variant, error) {
	for _, v := range c.Variants {
		if v.Name == name {
			return v, nil
		}
	}
	return Variant{}, fmt.Errorf("%s has no variant %q", c.Name, name)
}

// Scenario returns the scenario of that name.
func (c Chapter) Scenario(name string) (Scenario, error) {
	for _, s := range c.Scenarios {
		if s.Name == name {
			return s, nil
		}
	}
	return Scenario{}, fmt.Errorf("%s has no scenario %q", c.Name, name)
}

// Columns returns the actors of a drawing, the client first.
func (v Variant) Columns() []string {
	columns := []string{Client}
	for _, s := range v.Services {
		columns = append(columns, s.Name)
	}
	return columns
}

// Idles tells whether a stop is part of a request that waits until something happens:
// it is no sign of work.
func (v Variant) Idles(s fault.Stop) bool {
	goesWell := []fault.Step{fault.Sending, fault.Receiving, fault.Replying, fault.Answered}
	return slices.Contains(goesWell, s.Step) && slices.ContainsFunc(v.Waits, func(op string) bool {
		return strings.HasPrefix(s.Point.Op, op)
	})
}
