package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"example.com/dtx/lab"
	"example.com/dtx/lab/source"
)

// bug is what a seed stands for.
type bug struct {
	seed    int
	chapter lab.Chapter // its name, no more: the chapter's tests know the rest
	mistake source.Mistake
}

// keys is what the keys of the orders begin with: a plan that names the orders of a
// neighbour never strikes.
func (b bug) keys() string { return fmt.Sprintf("s%d", b.seed) }

// unfit matches mistakes that no plan of faults shows: two orders at the same time do, or
// a client that asks again at rest.
func unfit() []string {
	return []string{
		"ch01-overview/mistakes/no-deduplication.patch",
		"ch01-overview/mistakes/stock-checked-outside.patch",
		"ch03-transactions/mistakes/read-modify-write-outside.patch",
		"ch05-2pc/mistakes/unlocked-at-prepare.patch",
	}
}

// bugs lists the mistakes of all chapters that a plan of faults can show. A variant
// "intx" is code that is tested without services.
func bugs(root string) (list []bug, err error) {
	folders, err := filepath.Glob(filepath.Join(root, "ch*", "mistakes"))
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		c := lab.Chapter{Name: filepath.Base(filepath.Dir(folder))}
		mistakes, err := source.Mistakes(c, root)
		if err != nil {
			return nil, err
		}
		for _, m := range mistakes {
			file := c.Name + "/mistakes/" + m.Name + ".patch"
			withServices := isInvariant(m.Breaks) && m.Variant != "intx"
			if withServices && !slices.Contains(unfit(), file) {
				list = append(list, bug{chapter: c, mistake: m})
			}
		}
	}
	return list, nil
}

func isInvariant(name string) bool {
	return slices.ContainsFunc(lab.Invariants(), func(row []string) bool { return row[0] == name })
}

// choose returns the bug of a seed. As many seeds in a row as there are bugs have
// different ones; then they are dealt again, in another order.
func choose(root string, seed int) (bug, error) {
	list, err := bugs(root)
	if err != nil {
		return bug{}, err
	}
	round, place := (seed-1)/len(list), (seed-1)%len(list)
	dealt := rand.New(rand.NewPCG(uint64(round), 0)).Perm(len(list))
	b := list[dealt[place]]
	b.seed = seed
	return b, nil
}
