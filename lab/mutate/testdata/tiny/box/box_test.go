package box_test

import (
	"testing"

	"example.com/dtx/lab/mutate/testdata/tiny/box"
)

func TestABoxIsFullAtItsSize(t *testing.T) {
	b := box.Box{Size: 1, Count: 1}
	if !b.Full() {
		t.Fatalf("%+v is not full", b)
	}
	b.Close()
}
