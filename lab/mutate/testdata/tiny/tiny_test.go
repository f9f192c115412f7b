package tiny_test

import (
	"testing"

	"example.com/dtx/lab/mutate/testdata/tiny/box"
)

func TestEveryFault(t *testing.T) {
	b := box.Box{Size: 3}
	if b.Fill(); b.Count != 3 {
		t.Fatalf("%+v is not full", b)
	}
}

func TestThatFailsAsItIs(t *testing.T) { t.Fatal("this step is left out") }
