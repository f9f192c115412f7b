package main

import (
	"errors"
	"regexp"
	"time"
)

// moment is a time as the database keeps it, in ms since 1970. On the wire it
// is RFC 3339, in UTC.
type moment int64

func now() moment { return moment(time.Now().UnixMilli()) }

func (m moment) in(d time.Duration) moment { return m + moment(d.Milliseconds()) }

// until returns how long it is from m to another moment.
func (m moment) until(other moment) time.Duration {
	return time.Duration(other-m) * time.Millisecond
}

// MarshalText is for JSON.
func (m moment) MarshalText() ([]byte, error) {
	return []byte(time.UnixMilli(int64(m)).UTC().Format("2006-01-02T15:04:05.000Z07:00")), nil
}

// rfc3339 is the part of RFC 3339 that is accepted: UTC, at most ms.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$`)

func parseMoment(text string) (moment, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || !rfc3339.MatchString(text) {
		return 0, errors.New("not a time in UTC such as 2026-01-31T09:00:00Z")
	}
	return moment(t.UnixMilli()), nil
}
