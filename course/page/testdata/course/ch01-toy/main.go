// A chapter that only pretends: it plays a recorded run when it is asked.
package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

//go:embed run.jsonl
var run string

const hello = `{"hello":{"chapter":"ch01-toy","title":"A toy","variant":%q,
"variants":[{"name":"one thing","about":"all in one"},{"name":"two things","about":"two in one"}],
"scenarios":[{"name":"success","orders":[{"key":"order-1","customer":"ada","item":"tea",
"quantity":2,"slot":"mon-am"}]}],
"columns":["client","order","stock"],
"kinds":[{"name":"lost","about":"the request never arrives"}]}}`

const state = `{"state":{"seq":%d,
"accounts":[{"service":"stock","kind":"stock","name":"tea","before":10,"amount":%d}],
"effects":[],"stuck":[],"down":[],"meter":"whole","wrong":[]}}`

const story = `Trying every fault …
The shortest run that breaks:
stock is wrong
`

func say(line string, args ...any) {
	fmt.Println(strings.ReplaceAll(fmt.Sprintf(line, args...), "\n", ""))
}

// main does what cli.Main(chapter) would.
func main() {
	switch {
	case slices.Contains(os.Args, "-live"):
		live()
	case slices.Contains(os.Args, "-mistake"):
		fmt.Fprint(os.Stderr, story)
		fmt.Print(run)
	}
}

func live() {
	alive := os.Getenv("TOY_ALIVE") // a file that is there as long as the process is
	if alive != "" {
		_ = os.WriteFile(alive, nil, 0o600)
		defer os.Remove(alive)
	}
	variant := "two things"
	say(hello, variant)
	say(state, 0, 10)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var c struct {
			ID                 int
			Do, Fault, Variant string
			Service            string
		}
		_ = json.Unmarshal(lines.Bytes(), &c)
		switch c.Do {
		case "reset":
			if c.Variant != "" {
				variant = c.Variant
			}
			say(hello, variant)
			say(state, 0, 10)
		case "play":
			for line := range strings.Lines(run) {
				say(`{"event":%s}`, strings.TrimSpace(line))
			}
			say(state, 5, 8)
		case "crash":
			os.Exit(3)
		}
		problem := ""
		if c.Do == "plan" && variant == "one thing" {
			problem = "there is no client"
		}
		say(`{"reply":{"id":%d,"fault":%q,"error":%q}}`, c.ID, c.Fault, problem)
	}
}
