package exercise

import (
	"context"
	"database/sql"
	"testing"

	"example.com/dtx/ch03-transactions/exercise/tap"
	"example.com/dtx/course/grade"
)

func TestMain(m *testing.M) { grade.Main(m) }

func TestExercise(t *testing.T) {
	grade.Steps(t,
		grade.Step{
			Name: "a lost update ends in one statement",
			Hint: "The new value can be said in terms of the old one, and the condition " +
				"can stand beside the name. What tells you whether it was met?",
			Try: func(t *grade.T) {
				each(t, false, func(ctx context.Context, db *sql.DB, cents int64) error {
					return Atomic(ctx, db, "ada", cents)
				})
			},
		},
		grade.Step{
			Name: "a lost update ends at a version check",
			Hint: "What was decided on an old version is worth nothing: not only the " +
				"writing has to be done again.",
			Try: func(t *grade.T) {
				each(t, false, func(ctx context.Context, db *sql.DB, cents int64) error {
					return Versioned(ctx, db, "ada", subtract(cents))
				})
			},
		},
		grade.Step{
			Name: "a lost update ends with an error of the database, and is tried again",
			Hint: "sql.TxOptions has the level. A transaction that was ended keeps what " +
				"it has read: only a new one reads anew.",
			Try: func(t *grade.T) {
				each(t, true, func(ctx context.Context, db *sql.DB, cents int64) error {
					return Isolated(ctx, db, "ada", subtract(cents))
				})
			},
		},
		grade.Step{
			Name: "however the function ends, its transaction does, too",
			Hint: "One deferred line is run on every way out. What does Rollback do after " +
				"a Commit?",
			Try: func(t *grade.T) {
				for _, p := range paths()[:3] {
					endsWell(t, p, blow{})
				}
			},
		},
		grade.Step{
			Name: "the caller is told what became of the commit",
			Hint: "Done, not done, unknown: at each return, which of the three is it? " +
				"Only a COMMIT that was sent can be unknown. And who hears of a " +
				"rollback that fails?",
			Try: func(t *grade.T) {
				returned, failed := paths()[0], paths()[1]
				endsWell(t, returned,
					blow{at: 4, fate: tap.Cut},
					blow{at: 4, fate: tap.Applied},
					blow{at: 3, goneBy: true},
					blow{at: 4, gone: true})
				endsWell(t, failed, blow{at: 4, fate: tap.Cut})
			},
		},
		grade.Step{
			Name: "every statement of every path may fail",
			Hint: "Is there a way out of your function on which its transaction is not " +
				"ended? recover sees only panics.",
			Try: endsWellEverywhere,
		},
	)
}

// each tries a withdrawal with enough for both, and for one.
func each(t *grade.T, begins bool, take func(ctx context.Context, db *sql.DB, cents int64) error) {
	t.Helper()
	everyTurn(t, enoughForBoth(begins), take)
	everyTurn(t, enoughForOne(begins), take)
}

// subtract is a program's decision.
func subtract(wanted int64) func(int64) (int64, error) {
	return func(cents int64) (int64, error) {
		if cents < wanted {
			return 0, ErrTooLittle
		}
		return cents - wanted, nil
	}
}
