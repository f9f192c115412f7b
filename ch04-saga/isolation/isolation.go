// Package isolation shows what others can see of a saga that is not over yet,
// and what can be done about it.
//
// A saga is atomic, consistent and durable, and not isolated: each step commits
// at once, and the next may be refused: "other transactions might see the effects
// of a partial saga execution" (Hector Garcia-Molina and Kenneth Salem, Sagas,
// SIGMOD 1987, pages 249–259, section 1, https://doi.org/10.1145/38713.38742).
//
// Each case is one script that is performed twice: with the code that most
// people write first, and with a countermeasure in its place. The
// countermeasures are those of Lars Frank and Torben U. Zahle, Semantic ACID
// Properties in Multidatabases Using Remote Procedure Calls and Update
// Propagations, Software: Practice and Experience 28(1), 1998, pages 77–98
// (https://dl.acm.org/doi/10.5555/284472.284478), under the names that Chris
// Richardson gives them in Microservices Patterns, 2018, section 4.3.2.
//
// A script shows that an anomaly happens. That it does not happen in the script
// with the countermeasure does not prove that it never does.
package isolation

import (
	"context"
	"fmt"
)

// Case is an anomaly and a countermeasure that fits it.
type Case struct {
	Anomaly, Countermeasure string
	What                    string // what is done
	Question                string // the question that decides whether the anomaly happened
	Without, With           Script // the same script, without the countermeasure and with it
}

// Cases returns one case for each countermeasure.
func Cases() []Case {
	return []Case{
		semanticLock(),
		commutativeUpdate(),
		pessimisticView(),
		rereadValue(),
		versionFile(),
		byValue(),
	}
}

// Result is what came of a case.
type Result struct {
	Case          Case
	Without, With Seen
}

// Measure performs all cases, each in fresh databases under dir.
func Measure(ctx context.Context, dir string) ([]Result, error) {
	var results []Result
	for _, c := range Cases() {
		without, err := Play(ctx, dir, c.Without)
		if err != nil {
			return nil, fmt.Errorf("%s without %s: %w", c.Anomaly, c.Countermeasure, err)
		}
		with, err := Play(ctx, dir, c.With)
		if err != nil {
			return nil, fmt.Errorf("%s with %s: %w", c.Anomaly, c.Countermeasure, err)
		}
		results = append(results, Result{c, without, with})
	}
	return results, nil
}

// Questions returns a row for each case, after a head: what to think about before
// the table is read.
func Questions() [][]string {
	rows := [][]string{{"anomaly", "what is done", "the question"}}
	for _, c := range Cases() {
		rows = append(rows, []string{c.Anomaly, c.What, c.Question})
	}
	return rows
}

// Table returns a row for each result, after a head.
func Table(results []Result) [][]string {
	rows := [][]string{{"anomaly", "countermeasure", "without it", "with it"}}
	for _, r := range results {
		rows = append(rows, []string{
			r.Case.Anomaly, r.Case.Countermeasure, r.Without.String(), r.With.String(),
		})
	}
	return rows
}
