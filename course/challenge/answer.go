package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/dtx/lab"
)

// class is the folder of the program for a teacher. A handout lacks it.
const class = "course/class"

// overview lists which mistake each seed stands for.
func (cmd command) overview() error {
	if err := cmd.teacher(); err != nil {
		return err
	}
	list, err := bugs(cmd.root)
	if err != nil {
		return err
	}
	rows := [][]string{{"-seed", "chapter", "mistake", "breaks"}}
	for i := range list {
		b, err := choose(cmd.root, i+1)
		if err != nil {
			return err
		}
		m := b.mistake
		rows = append(rows, []string{fmt.Sprint(b.seed), b.chapter.Name, m.Name, m.Breaks})
	}
	cmd.out.Table(rows)
	return nil
}

// reveal searches the shortest plan that shows a mistake, and tells all about it.
func (cmd command) reveal(ctx context.Context, b bug) error {
	if err := cmd.teacher(); err != nil {
		return err
	}
	d, err := b.solve(ctx, cmd.root)
	if err != nil {
		return err
	}
	m := b.mistake
	cmd.out.Say("%s, -mistake %s: %s", b.chapter.Name, m.Name, m.What)
	cmd.out.Say("Why people do it: %s.\n", m.Why)
	cmd.out.Say("%s: %s\n\n%s\n%s", d.Invariant, d.Text, b.command(d), m.Patch)
	return nil
}

func (cmd command) teacher() error {
	if _, err := os.Stat(filepath.Join(cmd.root, class)); err != nil {
		return errors.New("challenge -answer: this copy of the course is for students")
	}
	return nil
}

// solve returns the shortest run that shows the mistake under a plan of faults.
func (b bug) solve(ctx context.Context, root string) (shortest lab.Damage, err error) {
	reports, err := b.mistake.Explore(ctx, b.chapter, root)
	if err != nil {
		return shortest, err
	}
	for _, r := range reports {
		for _, d := range r.Damages {
			isShorter := shortest.Plan == nil || len(d.Events) < len(shortest.Events)
			if d.Invariant == b.mistake.Breaks && len(d.Plan) > 0 && isShorter {
				shortest = d
			}
		}
	}
	if shortest.Plan == nil {
		return shortest, fmt.Errorf("no plan of faults shows %s", b.mistake.Name)
	}
	return shortest, nil
}

// command is what a student types to give the answer.
func (b bug) command(d lab.Damage) string {
	const answer = "go run . challenge -seed %d -scenario '%s' -breaks '%s'"
	var text strings.Builder
	fmt.Fprintf(&text, answer, b.seed, d.Scenario, d.Invariant)
	for _, f := range d.Plan {
		fmt.Fprintf(&text, " -fault '%s'", lab.Rekeyed(f.String(), b.keys()))
	}
	return text.String()
}
