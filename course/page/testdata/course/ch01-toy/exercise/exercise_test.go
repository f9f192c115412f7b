package exercise

import (
	"encoding/base64"
	"io"
	"net"
	"os"
	"testing"
)

// finding is what the laboratory's grader would find.
const finding = `{"Found": ["another"], "Sketch": "  order ───✕ stock",
	"Drawn": "/out/step-2.svg", "Hint": "What is the answer?"}`

const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"/>`

func TestExercise(t *testing.T) {
	t.Run("1 it is there", func(t *testing.T) {
		if address := os.Getenv("TOY_DIAL"); address != "" { // wait for a peer that does not answer
			connection, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, connection)
		}
	})
	t.Run("2 it is right", func(t *testing.T) {
		if answer() != 42 {
			_ = os.MkdirAll("out", 0o755)
			_ = os.WriteFile("out/step-2.svg", []byte(picture), 0o644)
			if os.Getenv("COURSE_FINDINGS") != "" {
				t.Attr("finding", base64.StdEncoding.EncodeToString([]byte(finding)))
			}
			t.Fail()
		}
	})
}
