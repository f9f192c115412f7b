package measure

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Costs compares what it takes to run each implementation.
func Costs(all []Figures) [][]string {
	rows := [][]string{{""}, {"until the first answer"}, {"memory at rest"}, {"memory under load"}}
	for _, f := range all {
		first := all[0]
		rows[0] = append(rows[0], f.Target)
		rows[1] = append(rows[1],
			beside(f, first, f.Startup.Seconds(), first.Startup.Seconds(), round(f.Startup)))
		rows[2] = append(rows[2],
			beside(f, first, float64(f.Rest), float64(first.Rest), megabytes(f.Rest)))
		rows[3] = append(rows[3],
			beside(f, first, float64(f.Busy), float64(first.Busy), megabytes(f.Busy)))
	}
	return rows
}

// Loads compares the answers per second, and how long the middle one and the
// slowest in a hundred took.
func Loads(all []Figures) [][]string {
	rows := [][]string{{"", "at a time"}}
	for _, f := range all {
		rows[0] = append(rows[0], f.Target)
	}
	for _, l := range all[0].Loads {
		row := []string{l.Workload, fmt.Sprint(l.Clients)}
		for _, f := range all {
			m := f.Load(l.Workload, l.Clients)
			rate := beside(f, all[0], m.Rate, l.Rate, fmt.Sprintf("%.0f/s", m.Rate))
			row = append(row, fmt.Sprintf("%s, %s/%s", rate, round(m.P50), round(m.P99)))
		}
		rows = append(rows, row)
	}
	return rows
}

// Bars draws the answers per second as bars of text.
func Bars(all []Figures) (lines []string) {
	const width = 40
	longest := 0.0
	for _, f := range all {
		for _, l := range f.Loads {
			longest = max(longest, Ratio(l.Rate, all[0].Load(l.Workload, l.Clients).Rate))
		}
	}
	for _, l := range all[0].Loads {
		lines = append(lines, fmt.Sprintf("%s, %d at a time", l.Workload, l.Clients))
		for _, f := range all {
			ratio := Ratio(f.Load(l.Workload, l.Clients).Rate, l.Rate)
			bar := strings.Repeat("█", max(1, int(ratio/longest*width+0.5)))
			lines = append(lines, fmt.Sprintf("  %-10s %s %s", f.Target, bar, Times(ratio)))
		}
	}
	return lines
}

// Versions says what ran, each once.
func Versions(all []Figures) string {
	var list []string
	for _, f := range all {
		for v := range strings.SplitSeq(f.Versions, ", ") {
			if !slices.Contains(list, v) {
				list = append(list, v)
			}
		}
	}
	return strings.Join(list, ", ")
}

// beside says the first one's figure as it is, and another's as a multiple of it.
func beside(f, first Figures, value, unit float64, text string) string {
	switch {
	case value == 0:
		return "not measured"
	case f.Target == first.Target:
		return text
	}
	return Times(Ratio(value, unit))
}

func megabytes(bytes int64) string { return fmt.Sprintf("%d MB", bytes>>20) }

func round(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
