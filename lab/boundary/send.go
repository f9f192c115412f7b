package boundary

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"example.com/dtx/lab/fault"
)

// maxBody bounds a request that the network may have to deliver twice; in bytes.
const maxBody = 1 << 20

// Transport stands behind a service's HTTP client: it is the fault point
// "order → payment: POST /charge order-1 #1".
type Transport struct {
	Lab     Lab
	Service string            // the sender
	Next    http.RoundTripper // delivers
}

// RoundTrip is part of http.RoundTripper.
func (t Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	s := served(ctx)
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		s.key = key
	}
	stop := fault.Stop{
		Step: fault.Sending, Serving: s.message,
		Point: fault.Point{
			Boundary: fault.Send, Service: t.Service, Peer: r.URL.Hostname(),
			Op: r.Method + " " + r.URL.Path, Key: s.key,
		},
	}
	body, err := read(r)
	if err != nil {
		return nil, err
	}
	ruling, err := t.Lab.Pass(ctx, stop)
	if err != nil {
		return nil, err
	}
	if ruling.HangUp {
		s.hangUp()
	}
	if ruling.Fail != "" {
		return pages[ruling.Fail].answer(r), nil
	}
	stop.Point = ruling.Point
	return t.deliver(packet{t, r, body, stop}, ruling)
}

// read takes the body out of a request.
func read(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err := errors.Join(err, r.Body.Close()); err != nil {
		return nil, fmt.Errorf("read the request's body: %w", err)
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("request's body is larger than %d bytes", maxBody)
	}
	return body, nil
}

// packet is a request on its way.
type packet struct {
	Transport
	request *http.Request
	body    []byte
	stop    fault.Stop
}

func (t Transport) deliver(p packet, ruling fault.Ruling) (*http.Response, error) {
	ctx := p.request.Context()
	switch {
	case ruling.Lost:
		<-ctx.Done()
		return p.fail(ctx, ruling.Messages[0], ctx.Err(), false)
	case ruling.When == fault.WhenGaveUp:
		<-ctx.Done()
		resp, err := p.fail(ctx, ruling.Messages[0], ctx.Err(), false)
		p.unheard(ctx, ruling.Messages[0])
		return resp, err
	case ruling.When == fault.WhenAtRest:
		go p.hold(context.WithoutCancel(ctx), ruling.Messages[0])
		<-ctx.Done()
		return p.fail(ctx, ruling.Messages[0], ctx.Err(), false)
	case ruling.AtOnce:
		return p.race(ctx, ruling.Messages)
	case len(ruling.Messages) == 2:
		resp, err := p.once(ctx, ruling.Messages[0])
		p.unheard(ctx, ruling.Messages[1])
		return resp, err
	}
	return p.once(ctx, ruling.Messages[0])
}

// once delivers the request and waits for the answer.
func (p packet) once(ctx context.Context, message string) (*http.Response, error) {
	if err := ctx.Err(); err != nil { // the caller has gone before the request could leave
		return p.fail(ctx, message, err, true)
	}
	resp, err := p.carry(ctx, message)
	if err != nil {
		return p.fail(ctx, message, err, ctx.Err() == nil)
	}
	stop := p.stop
	stop.Step, stop.Message, stop.Reply = fault.Answered, message, resp.Header.Get(header)
	stop.Text = fmt.Sprint(resp.StatusCode)
	ruling, err := p.Lab.Pass(ctx, stop)
	if err != nil {
		return nil, errors.Join(err, resp.Body.Close())
	}
	if ruling.Lost { // the sender waits in vain, until its patience ends
		_ = resp.Body.Close()
		<-ctx.Done()
		return p.fail(ctx, message, ctx.Err(), false)
	}
	resp.Header.Del(header)
	return resp, nil
}

// carry brings a copy of the request over the wire.
func (p packet) carry(ctx context.Context, message string) (*http.Response, error) {
	r := p.request.Clone(ctx)
	r.Header.Set(header, message)
	r.Body, r.ContentLength = http.NoBody, int64(len(p.body))
	if len(p.body) > 0 {
		r.Body = io.NopCloser(bytes.NewReader(p.body))
	}
	return p.Next.RoundTrip(r)
}

// unheard delivers the request when no sender waits for the answer any more.
func (p packet) unheard(ctx context.Context, message string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fault.Long)
	defer cancel()
	stop := p.stop
	stop.Step, stop.Message = fault.Ignored, message
	resp, err := p.carry(ctx, message)
	if err != nil {
		stop.Gone = true
	} else {
		stop.Reply = resp.Header.Get(header)
		_ = resp.Body.Close()
	}
	_, _ = p.Lab.Pass(ctx, stop) // it returns an error to the dead, who ignore it, too
}

// hold keeps the request in the network until everything else is at rest. The
// network outlives the sender: its death does not call the request back.
func (p packet) hold(ctx context.Context, message string) {
	stop := p.stop
	stop.Step, stop.Message = fault.Held, message
	if _, err := p.Lab.Pass(ctx, stop); err == nil {
		p.unheard(ctx, message)
	}
}

// race delivers both copies at once and returns the answer that comes first.
func (p packet) race(ctx context.Context, messages []string) (*http.Response, error) {
	type result struct {
		resp *http.Response
		err  error
	}
	results := make(chan result, len(messages))
	for _, m := range messages {
		go func() {
			resp, err := p.once(ctx, m)
			results <- result{resp, err}
		}()
	}
	first, second := <-results, <-results
	if first.err != nil {
		first, second = second, first
	}
	if second.err == nil {
		_ = second.resp.Body.Close()
	}
	return first.resp, first.err
}

// fail tells the laboratory that the sender has an error and no answer. Whether
// the request is gone for good is not the same: one that the sender has lost
// patience with can stand at its receiver's door.
func (p packet) fail(
	ctx context.Context, message string, cause error, gone bool,
) (*http.Response, error) {
	stop := p.stop
	stop.Step, stop.Message, stop.Text = fault.Failed, message, "connection broken"
	stop.Gone = gone
	if ctx.Err() != nil {
		stop.Text = "out of patience"
	}
	if _, err := p.Lab.Pass(context.WithoutCancel(ctx), stop); err != nil {
		return nil, err
	}
	return nil, cause
}
