package real

import (
	"net/http"
	"time"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab/boundary"
)

// This file is what stands at a service's boundaries: the laboratory, or, in
// a process that it does not watch, which is there to be measured, nothing.

func (l *child) gate(service string) sqlite.Gate {
	if l.unwatched {
		return nil
	}
	return boundary.Gate{Lab: l, Service: service}
}

func (l *child) handler(service string, program http.Handler) http.Handler {
	if l.unwatched {
		return program
	}
	return boundary.Handler(l, service, program)
}

// client finds services under their names.
func (l *child) client(service string) *http.Client {
	if l.unwatched {
		return freeClient(l.find)
	}
	return httpClient(l, service, l.find)
}

const (
	maxIdle  = 1024             // connections that a client keeps to a service
	idleTime = 30 * time.Second // for so long, which is less than the service keeps them
)

// freeClient is a client whose requests do not pass the laboratory, and which keeps its
// connections. It asks for a service's address only when it makes a new one.
func freeClient(find finder) *http.Client {
	next := &http.Transport{
		DialContext: find.dial, MaxIdleConnsPerHost: maxIdle, IdleConnTimeout: idleTime,
	}
	return &http.Client{
		Transport: next,
		Timeout:   callTime,
	}
}
