package sim

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/dtx/lab"
)

// Score is what an exploration found of a variant: a line in the course's table.
type Score struct {
	Chapter   string               `json:"chapter"` // its folder
	Variant   string               `json:"variant"`
	About     string               `json:"about"`
	Price     string               `json:"price"`     // what is paid for it
	Faults    int                  `json:"faults"`    // tried
	Broken    int                  `json:"broken"`    // faults that break the shop
	Schedules int                  `json:"schedules"` // interleavings tried
	Torn      int                  `json:"torn"`      // interleavings that break the shop
	Kinds     map[string]lab.Count `json:"kinds"`     // each kind of fault: "broken of tried"
}

// ScoreFile is where a chapter's folder keeps its scores.
const ScoreFile = "scores.json"

// Scores are those of a chapter's variants, one for each report.
func Scores(c lab.Chapter, reports ...lab.Report) (list []Score, err error) {
	for _, r := range reports {
		v, err := c.Variant(r.Variant)
		if err != nil {
			return nil, err
		}
		list = append(list, Score{
			Chapter: c.Name, Variant: r.Variant, About: v.About, Price: v.Price,
			Faults: r.Faults, Broken: r.Broken - r.Torn,
			Schedules: r.Schedules, Torn: r.Torn,
			Kinds: r.Kinds,
		})
	}
	return list, nil
}

// ReadScores reads what the chapters keep. Root is the folder of go.mod.
func ReadScores(root string) (all []Score, err error) {
	paths, err := filepath.Glob(filepath.Join(root, "ch*", ScoreFile))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		list, err := KeptScores(path)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// KeptScores reads the scores that a chapter keeps in a file.
func KeptScores(path string) (list []Score, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return list, nil
}

// ScoreTable is the course's table, in Markdown.
func ScoreTable(scores []Score) string {
	var b strings.Builder
	b.WriteString("| chapter | the shop | faults tried | break it " +
		"| interleavings tried | break it | the price |\n|---|---|---|---|---|---|---|\n")
	for _, s := range scores {
		folder, _, _ := strings.Cut(s.Chapter, "-")
		number := strings.TrimLeft(strings.TrimPrefix(folder, "ch"), "0")
		fmt.Fprintf(&b, "| [%s](%s/README.md) | `%s`: %s | %d | **%d** | %d | %d | %s |\n",
			number, s.Chapter, s.Variant, s.About, s.Faults, s.Broken, s.Schedules, s.Torn, s.Price)
	}
	return b.String()
}
