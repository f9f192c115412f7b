package readme

import (
	"slices"
	"strings"
)

// around is how many equal lines a diff shows beside a difference.
const around = 2

// gap tells whether a line stands for any number of lines.
func gap(line string) bool { return line == "..." || line == "…" }

// diff compares lines that are wanted with those that came. A wanted line
// "..." stands for any number of lines. It returns "" if they agree.
func diff(want, got []string) string {
	costs := distances(want, got)
	if costs[0][0] == 0 {
		return ""
	}
	var list []string
	for i, j := 0, 0; i < len(want) || j < len(got); {
		cost := costs[i][j]
		switch {
		case i == len(want):
			list = append(list, "+ "+got[j])
			j++
		case gap(want[i]) && cost < costs[i+1][j]:
			j++
		case gap(want[i]):
			list = append(list, "  "+want[i])
			i++
		case j < len(got) && want[i] == got[j]:
			list = append(list, "  "+want[i])
			i, j = i+1, j+1
		case j < len(got) && cost == costs[i+1][j+1]+1:
			list = append(list, "- "+want[i], "+ "+got[j])
			i, j = i+1, j+1
		case cost == costs[i+1][j]+1:
			list = append(list, "- "+want[i])
			i++
		default:
			list = append(list, "+ "+got[j])
			j++
		}
	}
	return strings.Join(shorten(list), "\n")
}

// distances returns, for every i and j, how many lines have to be taken away,
// added or changed to make want[i:] and got[j:] agree.
func distances(want, got []string) [][]int {
	costs := make([][]int, len(want)+1)
	for i := len(want); i >= 0; i-- {
		costs[i] = make([]int, len(got)+1)
		for j := len(got); j >= 0; j-- {
			switch {
			case i == len(want):
				costs[i][j] = len(got) - j
			case gap(want[i]) && j == len(got):
				costs[i][j] = costs[i+1][j]
			case gap(want[i]):
				costs[i][j] = min(costs[i+1][j], costs[i][j+1])
			case j == len(got):
				costs[i][j] = costs[i+1][j] + 1
			case want[i] == got[j]:
				costs[i][j] = costs[i+1][j+1]
			default:
				costs[i][j] = 1 + min(costs[i+1][j+1], costs[i+1][j], costs[i][j+1])
			}
		}
	}
	return costs
}

// shorten leaves out equal lines that are far from any difference.
func shorten(list []string) []string {
	var short []string
	for i, line := range list {
		near := list[max(0, i-around):min(len(list), i+around+1)]
		switch {
		case slices.ContainsFunc(near, func(s string) bool { return s[0] != ' ' }):
			short = append(short, line)
		case len(short) == 0 || short[len(short)-1] != "  ⋮":
			short = append(short, "  ⋮")
		}
	}
	return short
}

// textLines splits a text into lines without what no reader sees: the white space
// at their ends, and the empty lines after the last.
func textLines(text string) []string {
	list := strings.Split(text, "\n")
	for i, line := range list {
		list[i] = strings.TrimRight(line, " \t\r")
	}
	for len(list) > 0 && list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list
}
