package exercise

import (
	"fmt"
	"io"
	"net"
	"os"
	"testing"
)

func TestExercise(t *testing.T) {
	t.Run("1 it is there", func(t *testing.T) {
		if address := os.Getenv("TOY_DIAL"); address != "" { // wait for somebody who does not answer
			connection, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, connection)
		}
	})
	t.Run("2 it is right", func(t *testing.T) {
		if answer() != 42 {
			fmt.Fprint(t.Output(), "\nfound another\n\n  order ───✕ stock\n\n")
			t.Fail()
		}
	})
}
