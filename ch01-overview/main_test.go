package main

import (
	"testing"
	"os"
	"fmt"
	"time"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/event"
)

func TestMain(m *testing.M) { lab.Child(chapter()); os.Exit(m.Run()) }

func TestX(t *testing.T) {
	c := chapter()
	for _, v := range c.Variants {
		t0:=time.Now()
		o, err := c.Play(t.Context(), v, c.Scenarios[0])
		fmt.Println(o.Told, o.Findings, o.After, err, o.Processes, time.Since(t0))
		event.Text(os.Stdout, v.Columns(), o.Events)
		t0=time.Now()
		p := o.Passed[len(o.Passed)/2]
		f := fault.Fault{p.Kinds[0], p.Point.String()}
		fmt.Println(f)
		o, err = c.Play(t.Context(), v, c.Scenarios[0], f)
		fmt.Println(o.Told, o.Findings, o.After, err, o.Processes, time.Since(t0))
		event.Text(os.Stdout, v.Columns(), o.Events)
	}
}
