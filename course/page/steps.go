package page

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"example.com/dtx/lab/event"
	"example.com/dtx/lab/fault"
)

// step is an event as the page shows it: in words, and as what it changes in
// the picture.
type step struct {
	Seq    int           `json:"seq"`
	Words  string        `json:"words"`
	Point  string        `json:"point,omitempty"`
	Kinds  []fault.Kind  `json:"kinds,omitempty"` // the faults that may strike at the point
	Pieces []event.Piece `json:"pieces"`
	Rows   int           `json:"rows"`
	Frame  *frame        `json:"frame,omitempty"` // if there is a new column
}

// frame is what stands around the rows.
type frame struct {
	Width float64 `json:"width"`
	Top   float64 `json:"top"`   // the middle of the first row
	Pitch float64 `json:"pitch"` // the distance from row to row
	Heads string  `json:"heads"`
}

// drawing turns events into steps.
type drawing struct {
	*event.Growing
	width float64
	key   string // the first order's
	keys  bool   // several orders have been placed
}

func draw(columns []string) (*drawing, frame) {
	d := &drawing{Growing: event.Grow(columns)}
	return d, d.frame()
}

func (d *drawing) frame() frame {
	d.width = d.Width()
	return frame{d.width, event.Top, event.Pitch, d.Heads()}
}

func (d *drawing) step(e event.Event) step {
	s := step{Seq: e.Seq, Words: e.Sentence(), Point: e.Point}
	s.Pieces, s.Rows = d.Add(d.label(e)), d.Rows()
	if e.Point != "" {
		s.Kinds = fault.At(e.Point)
	}
	if d.Width() != d.width {
		f := d.frame()
		s.Frame = &f
	}
	return s
}

// label leaves out what every label would repeat: the key if there is one order, or
// POST if there are several.
func (d *drawing) label(e event.Event) event.Event {
	what, key, found := strings.Cut(e.Data.Text, " order-")
	if e.Kind != event.Send || !found {
		return e
	}
	if d.key == "" {
		d.key = key
	}
	if key, _, _ = strings.Cut(key, "."); key != d.key {
		d.keys = true
	}
	if e.Data.Text = what; d.keys {
		e.Data.Text = strings.TrimPrefix(what, "POST ") + " order-" + key
	}
	return e
}

// recording is a run that has ended.
type recording struct {
	Frame frame  `json:"frame"`
	Steps []step `json:"steps"`
}

// record reads events, one a line, as failing tests write them.
func record(lines []byte) (recording, error) {
	events, err := event.Read(bytes.NewReader(lines))
	if err != nil {
		return recording{}, err
	}
	if len(events) == 0 {
		return recording{}, fmt.Errorf("there is no event in it")
	}
	return replay(events), nil
}

func replay(events []event.Event) recording {
	d, f := draw(columns(events))
	r := recording{Frame: f}
	for _, e := range events {
		r.Steps = append(r.Steps, d.step(e))
	}
	return r
}

// columns lists the actors of a run in the order in which they come up. A process
// that was taken for dead goes on in a column that begins there.
func columns(events []event.Event) (list []string) {
	var late []string
	for _, e := range events {
		for _, name := range []string{e.Service, e.Data.Peer} {
			if e.Kind == event.Replaced && name == e.Data.Peer {
				late = append(late, name)
			}
			if name != "" && !slices.Contains(list, name) && !slices.Contains(late, name) {
				list = append(list, name)
			}
		}
	}
	return list
}
