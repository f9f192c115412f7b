package event_test

import (
	"fmt"
	"os"

	"example.com/dtx/lab/event"
)

func ExampleText() {
	run := []event.Event{
		{Service: "order", Kind: event.Send, Message: "m1",
			Data: event.Data{Peer: "payment", Text: "POST /charge"}},
		{Service: "payment", Kind: event.Receive, Message: "m1", Data: event.Data{Peer: "order"}},
		{Service: "payment", Kind: event.Commit,
			Data: event.Data{Text: "order-1 paid", Forced: true}},
		{Service: "payment", Kind: event.Crash, Data: event.Data{Fault: "crash after"}},
		{Service: "order", Kind: event.State, Data: event.Data{Text: "no answer"}},
		{Service: "payment", Kind: event.Restart},
		{Kind: event.Verdict, Data: event.Data{Text: "order-1 is paid and not confirmed"}},
	}
	if err := event.Text(os.Stdout, []string{"order", "payment"}, run); err != nil {
		fmt.Println(err)
	}
	// Output:
	// order           payment
	//   ├──POST /charge─►│
	//   │                ● order-1 paid
	//   │                ✕ crash after
	//   · no answer
	//   │                ┬ restart
	//
	// order-1 is paid and not confirmed
}
