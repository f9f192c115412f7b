package shop

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// The versions of the order service between which an order gets a step more.
const (
	Undelivered = "without delivery"
	Delivered   = "a step more"
)

// StepMore is an order for a full slot. The version of the order service that begins does
// not ask delivery; the next release does. An order ends with the steps that it was begun
// with: one that is confirmed without delivery stays so.
func StepMore() lab.Scenario {
	return lab.Scenario{
		Name: "a step more", Want: []int{201}, Tries: 5,
		Version: Undelivered, Release: Delivered, Means: "order asks delivery, too",
		Orders:  []lab.Order{Order("ada", "tea", 2, "sun-am")},
		Instead: func(o lab.Order) []lab.Effect { list := Effects(o); return list[:len(list)-1] },
	}
}

// The versions by which requests get a field more. First the services that are asked are
// released: they read the field. Then the services that ask are released: they send it.
const (
	fieldRead = "a field read"
	fieldMore = "a field more"
)

// FieldMore is an order that an old process begins and a new one ends. Requests that come
// again from the new one have other bodies. A participant that cannot read them, as it is not
// released yet, only refuses to: the protocols' own tests have that answer.
func FieldMore() lab.Scenario {
	s := Retry()
	s.Name, s.Version, s.Release = "a field more", fieldRead, fieldMore
	s.Means = "it sends a field more, which all read already, and its tables have a column more"
	return s
}

// WithFieldMore returns the versions of services that FieldMore needs.
func WithFieldMore(services ...lab.Service) (spares []lab.Service) {
	tables := regexp.MustCompile(`CREATE TABLE (\w+)`)
	for _, s := range services {
		build := s.New
		s.Version = fieldRead
		s.New = func(db *sqlite.DB, client *http.Client) http.Handler {
			return readsField(build(db, client))
		}
		next := s
		next.Version = fieldMore
		for _, table := range tables.FindAllStringSubmatch(s.Schema, -1) {
			const add = " ADD COLUMN note TEXT NOT NULL DEFAULT ''"
			next.Upgrade = append(next.Upgrade, "ALTER TABLE "+table[1]+add)
		}
		next.New = func(db *sqlite.DB, client *http.Client) http.Handler {
			sender := *client
			sender.Transport = sendsField{client.Transport}
			return readsField(build(db, &sender))
		}
		spares = append(spares, s, next)
	}
	return spares
}

// field is what a body has more.
const field = `"note":"a gift"`

// sendsField puts the field into each body.
type sendsField struct{ next http.RoundTripper }

// RoundTrip is part of http.RoundTripper.
func (s sendsField) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		return s.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err := errors.Join(err, r.Body.Close()); err != nil {
		return nil, err
	}
	text := strings.Replace(string(body), "{", "{"+field+",", 1)
	text = strings.Replace(text, ",}", "}", 1) // there was no other field
	r = r.Clone(r.Context())
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	return s.next.RoundTrip(r)
}

// readsField has a service read bodies that may have the field. The service has no use for
// it and sees spaces there: the rest of the body is the text that was sent.
func readsField(service http.Handler) http.Handler {
	reader := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the sender has gone
		}
		for _, text := range []string{field + ",", field} {
			blank := strings.Repeat(" ", len(text))
			body = bytes.Replace(body, []byte(text), []byte(blank), 1)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		service.ServeHTTP(w, r)
	})
	if runner, ok := service.(lab.Runner); ok {
		return struct {
			http.Handler
			lab.Runner
		}{reader, runner}
	}
	return reader
}
