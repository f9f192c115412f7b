package promises

import (
	"time"

	"example.com/dtx/ch07-messages/broker"
)

const (
	short = time.Second                    // too short for a second delivery
	long  = broker.AckWait + 2*time.Second // long enough for it
	gone  = broker.Window + 2*time.Second  // the window is over
	half  = broker.AckWait - 2*time.Second // the broker still waits for the acknowledgement
)

func window(r *run) {
	r.publish("a", "first")
	for _, body := range []string{"first", "second"} {
		if r.publish("a", body) {
			r.see("duplicate")
		}
	}
	r.ack(r.fetch(short))
	r.sleep(gone)
	if !r.publish("a", "second") {
		r.see("stored")
	}
	r.ack(r.fetch(short))
}

func ackFirst(r *run) {
	r.publish("a", "first")
	r.ack(r.fetch(short)) // and the consumer dies
	r.fetch(long)
}

func commitFirst(r *run) {
	r.publish("a", "first")
	r.fetch(short) // the effect is committed, and the consumer dies
	r.ack(r.fetch(long))
}

func lateAck(r *run) {
	r.publish("a", "first")
	late := r.fetch(short)
	r.fetch(long) // this is another process
	if r.ack(late); r.err == nil {
		r.see("acknowledged")
	}
}

func maxDeliver(r *run) {
	r.publish("a", "first")
	r.fetch(short)
	r.fetch(long)
	r.fetch(long)
}

func overtaking(r *run) {
	r.publish("a", "first")
	r.publish("b", "second")
	r.fetch(short)
	r.ack(r.fetch(short))
	r.ack(r.fetch(long))
}

func empty(r *run) {
	r.publish("a", "first")
	r.fetch(short)
	r.fetch(short)
	r.ack(r.fetch(long))
}

func working(r *run) {
	r.publish("a", "first")
	m := r.fetch(short)
	r.sleep(half)
	if r.err == nil {
		r.err = r.broker.Working(r.ctx, m.Token)
	}
	r.fetch(half + short)
	if r.ack(m); r.err == nil {
		r.see("acknowledged")
	}
	r.fetch(long)
}
