// Lines counts lines of code: the measure of every budget of this project.
//
//	go run ./lab/lines ch04-saga/saga ch04-saga/order/request.go ./internal/...
//
// A line counts if a token of Go stands on it after gofmt. Comments, blank lines,
// imports and tests do not count. A folder stands for its own files, and with /...
// for the folders below it, too. Without arguments it counts the whole project.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "lines:", err)
		os.Exit(1)
	}
}

// run prints a line for each folder or file, and their sum.
func run(args []string, out io.Writer) error {
	if len(args) == 0 {
		args = []string{"./..."}
	}
	names, err := find(args)
	if err != nil {
		return err
	}
	var sum, files int
	for _, name := range names {
		n, of, err := count(name)
		if err != nil {
			return err
		}
		if of > 0 {
			fmt.Fprintf(out, "%6d lines  %3d files  %s\n", n, of, name)
		}
		sum, files = sum+n, files+of
	}
	if len(names) != 1 {
		fmt.Fprintf(out, "%6d lines  %3d files\n", sum, files)
	}
	return nil
}
