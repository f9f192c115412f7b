package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/event"
	"example.com/dtx/lab/readme"
)

// measuredFile keeps what the long tier has counted.
const measuredFile = "measured.json"

// kinds are the rows of the lesson's table of faults.
func kinds() []string {
	return []string{
		"a worker is killed, at statements and calls",
		"the laboratory's faults at the calls",
		"a worker is killed, another one takes over",
		"a worker is stopped, another one takes over, and the first one is woken",
	}
}

// keep notes what the long tier has counted, if it was asked to update.
func (c *tally) keep(t *testing.T, kind string) {
	t.Helper()
	require.Contains(t, kinds(), kind)
	if os.Getenv(everyVariable) == "" {
		return
	}
	m := readme.Measured[map[string]count](t, measuredFile)
	m[kind] = c.count
	readme.SaveMeasured(t, measuredFile, m)
}

func faultRows(t *testing.T) [][]string {
	t.Helper()
	m := readme.Measured[map[string]count](t, measuredFile)
	rows := [][]string{{"", "faults tried", "break the order", "a participant is called again"}}
	for _, kind := range kinds() {
		c, again := m[kind], "not counted"
		if strings.Contains(kind, "takes over") {
			again = fmt.Sprintf("in %d runs", c.Again)
		}
		broken := fmt.Sprintf("**%d**", c.Broken)
		rows = append(rows, []string{kind, fmt.Sprint(c.Tried), broken, again})
	}
	return rows
}

// priceRows count what an order costs. A COMMIT after an INSERT is forced to the disk.
func priceRows(t *testing.T, b *bench) [][]string {
	t.Helper()
	rows := [][]string{{"", "messages", "forced by the engine", "forced by the participants"}}
	for _, s := range scenarios() {
		o, points := b.play(t, s.Name, "")
		messages, engine, participants := 0, 0, 0
		for _, e := range o.Events {
			switch {
			case e.Kind == event.Send:
				messages++
			case e.Kind == event.Commit && e.Data.Forced && strings.Contains(e.Point, tea().Key):
				participants++
			}
		}
		for _, p := range points {
			if strings.HasPrefix(p, "COMMIT after INSERT") {
				engine++
			}
		}
		rows = append(rows, []string{
			s.Name, fmt.Sprint(messages), fmt.Sprint(engine), fmt.Sprint(participants),
		})
	}
	return rows
}

func TestTheLessonIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves the lesson out")
	}
	tables := map[string]string{
		"faults": readme.Markdown(faultRows(t)), "scale": scaleTable(t),
		"price": readme.Markdown(priceRows(t, newBench(t))),
	}
	readme.Check(t, "../..", "ch08-engine/README.md", readme.Config{Generated: tables})
}

// scaleTable is what BenchmarkOrders has saved.
func scaleTable(t *testing.T) string {
	t.Helper()
	s := readme.Measured[scale](t, scaleFile)
	rows := [][]string{{
		"clients", "", "orders/s", "p50", "p99",
		"writes an order forces in PostgreSQL", "in the services",
	}}
	for _, r := range s.Rows {
		if r.Clients == 1 && r.What != "saga of chapter 4" && r.What != "1 worker" {
			continue // one client keeps one worker busy, and one connection
		}
		rows = append(rows, []string{
			fmt.Sprint(r.Clients), r.What, fmt.Sprintf("%.0f", r.PerSecond),
			fmt.Sprintf("%.0f ms", r.P50), fmt.Sprintf("%.0f ms", r.P99),
			fmt.Sprintf("%.1f", r.Engine), fmt.Sprintf("%.1f", r.Participants),
		})
	}
	return fmt.Sprintf("%s\n(%s; a finished order keeps %s in the engine's database)\n",
		readme.Markdown(rows), s.Machine, s.Old)
}
