package contract

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	headerLimit  = 64 << 10         // bytes; no head of a request may be longer
	headPatience = 10 * time.Second // in which a head has to arrive
)

// bounds: a request that is not one ends, and holds nothing.
func bounds(t *trial) {
	s := t.common()
	slow := s.trickle()
	s.refuseShortBody()
	s.refuseLongHead()
	s.refuseOddLines()
	select {
	case err := <-slow:
		t.require(err == nil, "a head that arrives one byte at a time: %w", err)
	case <-t.ctx.Done():
		t.fail("a head that arrives one byte at a time: %w", t.ctx.Err())
	}
}

// refuseShortBody ends the connection before the body is there as announced,
// although what came is JSON already.
func (s *service) refuseShortBody() {
	body := work("hash", 1)
	head := fmt.Sprintf("Content-Type: application/json\r\nIdempotency-Key: short\r\n"+
		"Content-Length: %d\r\n", len(body)+1)
	status, err := s.raw("POST /jobs", head, body, true)
	refused := err != nil || status/100 == 4
	s.trial.require(refused, "a body shorter than its Content-Length: got %d", status)
	s.want(http.StatusNotFound, get("/jobs/short"), nil)
}

func (s *service) refuseLongHead() {
	line := "X-Long: " + strings.Repeat("x", 4<<10) + "\r\n"
	status, err := s.raw("GET /jobs", strings.Repeat(line, headerLimit/len(line)+1), "", false)
	refused := err != nil || status/100 == 4
	s.trial.require(refused, "a head of more than %d bytes: got %d", headerLimit, status)
}

func (s *service) refuseOddLines() {
	for _, line := range []string{"BREW /jobs", "BREW /pot", "GET /jobs/%FF", "GET /jobs/%00"} {
		status, err := s.raw(line, "", "", false)
		refused := err == nil && (status/100 == 4 || status == http.StatusNotImplemented)
		s.trial.require(refused, "%s: got %d, %v", line, status, err)
	}
}

// raw sends a request byte by byte as it is said, and then leaves, if it is to. It
// returns the status of the answer, or an error if none came.
func (s *service) raw(line, head, body string, leave bool) (status int, err error) {
	conn, err := s.dial()
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	request := line + " HTTP/1.1\r\nHost: jobs\r\n" + head + "\r\n" + body
	if _, err := io.WriteString(conn, request); err != nil {
		return 0, err
	}
	if leave {
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			return 0, err
		}
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

func (s *service) dial() (net.Conn, error) {
	u, err := url.Parse(s.process.URL)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(2 * headPatience))
}

// trickle sends a head one byte at a time, for longer than a service should wait.
// What it returns says whether the service has ended the connection.
func (s *service) trickle() <-chan error {
	cut := make(chan error, 1)
	conn, err := s.dial()
	if err != nil {
		cut <- err
		return cut
	}
	ctx, cancel := context.WithTimeout(s.trial.ctx, headPatience)
	go func() { // the service ends the connection, with an answer or without
		defer cancel()
		_, _ = io.Copy(io.Discard, conn)
	}()
	go func() {
		defer conn.Close()
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		_, err := io.WriteString(conn, "GET /jobs HTTP/1.1\r\nHost: jobs\r\nX-Slow: ")
		for err == nil && ctx.Err() == nil {
			_, err = io.WriteString(conn, "x")
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			cut <- fmt.Errorf("the connection is open after %v", headPatience)
			return
		}
		cut <- nil
	}()
	return cut
}
