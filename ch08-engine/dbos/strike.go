package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// The environment of a worker that a fault strikes.
const (
	strikeVariable = "ENGINE_STRIKE" // a fault, e.g. "kill before UPDATE workflow_status #1"
	traceVariable  = "ENGINE_TRACE"  // a file: the points that the worker comes to
)

// strike is a fault that strikes a worker at one of its statements or calls, once. Its
// trace file lasts over restarts: it holds the points that were passed until it struck.
type strike struct {
	fault string // "kill before POINT" and its like; empty if none strikes

	mu     sync.Mutex
	trace  *os.File
	counts map[string]int
	table  *regexp.Regexp
	last   map[*pgx.Conn]string
}

// strikeOn returns the fault that the environment has for a worker. It is for the first
// worker, and for its first life.
func strikeOn(worker string) *strike {
	s := &strike{
		counts: map[string]int{}, last: map[*pgx.Conn]string{},
		table: regexp.MustCompile(`(?:"?dbos"?\.|LISTEN )"?(\w+)`),
	}
	name := os.Getenv(traceVariable)
	if _, err := os.Stat(name); err == nil || worker != "order" || name == "" {
		return s
	}
	s.trace, _ = os.Create(name) // without a trace the fault is seen not to have struck
	s.fault = os.Getenv(strikeVariable)
	return s
}

type pointKey struct{}

// TraceQueryStart is part of pgx.QueryTracer.
func (s *strike) TraceQueryStart(
	ctx context.Context, c *pgx.Conn, d pgx.TraceQueryStartData,
) context.Context {
	return context.WithValue(ctx, pointKey{}, s.before(s.statement(c, d.SQL)))
}

// TraceQueryEnd is part of pgx.QueryTracer.
func (s *strike) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	s.after(ctx.Value(pointKey{}).(string))
}

// statement names a statement by its verb and its first table, and the end of a
// transaction by its last statement.
func (s *strike) statement(c *pgx.Conn, sql string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.ToUpper(strings.Fields(sql)[0])
	table := s.table.FindStringSubmatch(sql)
	switch {
	case table != nil:
		name += " " + table[1]
		s.last[c] = name
	case name != "BEGIN":
		name += " after " + s.last[c]
	}
	return name
}

// before counts a point, and strikes there.
func (s *strike) before(name string) string {
	if s.trace == nil {
		return ""
	}
	s.mu.Lock()
	s.counts[name]++
	point := fmt.Sprintf("%s #%d", name, s.counts[name])
	_, _ = fmt.Fprintln(s.trace, point) // a point that is not traced is not tried
	s.mu.Unlock()
	s.at("before", point)
	return point
}

func (s *strike) after(point string) { s.at("after", point) }

// at kills the process, or stops it, if this is the moment.
func (s *strike) at(when, point string) {
	for _, deed := range []string{"kill", "stop"} {
		if s.fault == deed+" "+when+" "+point {
			_, _ = fmt.Fprintln(s.trace, struck)
			signalSelf(deed)
		}
	}
}

// struck is the last line of a trace whose fault has struck.
const struck = "struck"

// client makes the calls of a client fault points.
func (s *strike) client(client *http.Client) *http.Client {
	c := *client
	c.Transport = transport{s, client.Transport}
	return &c
}

type transport struct {
	strike *strike
	next   http.RoundTripper
}

// RoundTrip is part of http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	point := t.strike.before(r.Method + " " + r.URL.Host + r.URL.Path)
	answer, err := t.next.RoundTrip(r)
	t.strike.after(point)
	return answer, err
}
