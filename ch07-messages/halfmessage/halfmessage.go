// Package halfmessage is the transactional message: a local transaction and the
// message about it both happen, or neither does.
//
// The producer first sends the message as a half message: the broker stores it, and no
// consumer sees it. Then the producer runs its local transaction, and tells the broker
// how it ended: commit or roll back. If the broker hears nothing, it asks the producer
// back (check-back). The producer's own record decides; what the broker has is a copy.
//
// Apache RocketMQ has made this protocol known under the name transactional message:
// https://rocketmq.apache.org/docs/featureBehavior/04transactionmessage
package halfmessage

// State is how a local transaction ended.
type State string

// The states. Only the last two are final.
const (
	Unknown    State = "unknown" // it may still commit: a half message
	Committed  State = "committed"
	RolledBack State = "rolled back"
)

// Message is what a producer has to say.
type Message struct {
	Producer string `json:"producer"` // host that the broker asks back
	Subject  string `json:"subject"`
	Body     string `json:"body"`
}

// Answer is what the producer and the broker tell each other about a message. It
// carries the ID, so that the answer of another program is recognised as none.
type Answer struct {
	ID    string `json:"id"`
	State State  `json:"state"` // empty in the answer to a half message
}
