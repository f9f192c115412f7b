package main

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain lets more tests run at the same time than there are processors: most
// of them wait, for processes and for disks. A -parallel on the command line goes
// before it.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "6"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
