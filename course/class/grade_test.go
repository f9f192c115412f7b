package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// bank is chapter 3's exercise with a student's lines where a withdrawal begins.
func bank(student, lines string, state State, first int, said string) handedIn {
	const begins = "cents int64) error {\n"
	return handedIn{
		student: student, exercise: "transactions", file: "balance.go", old: begins,
		new: begins + lines, state: state, first: first, said: said,
	}
}

// smallClass has one student of each kind that takes seconds.
func smallClass() []handedIn {
	wrong := handedIn{student: "wrong", exercise: "transactions", mistake: "decided-once",
		state: Played, first: 2, said: "a lost update: 300 cents were paid out"}
	edits := wrong // the tests, too
	edits.student, edits.file = "edits", "exercise_test.go"
	edits.new = "package exercise\n\nimport \"testing\"\n\nfunc TestExercise(*testing.T) {}\n"
	exits := handedIn{student: "exits", exercise: "transactions", file: "exits.go",
		new: "package exercise\n\nimport \"os\"\n\n" +
			"func init() { println(\"PASS\"); os.Exit(0) }\n",
		state: Refused, said: "exits.go:3:8: imports os"}
	return []handedIn{
		{student: "solution", exercise: "transactions", state: Played, zipped: true},
		{student: "untouched", exercise: "transactions", state: NotBegun},
		wrong, edits, exits,
		bank("uncompilable", "undeclared()\n", NotBuilt, 0, "undefined: undeclared"),
		bank("unparsed", "}}\n", NotBuilt, 0, "expected declaration"),
		bank("test-helper", "_ = bank()\n", NotBuilt, 0, "undefined: bank"),
		bank("loops", "for {\n}\n", Played, 1, "does not end"),
		bank("eats", "var all [][]byte\nfor {\nall = append(all, make([]byte, 1<<20))\n}\n",
			Played, 1, "your program holds more than 1 GB of memory"),
		bank("goroutine", "go panic(\"elsewhere\")\nfor {\n}\n", Played, 1, "elsewhere"),
		bank("prints", "print(\"--- PASS: TestExercise/1\\nPASS\\nok\\n\")\npanic(\"end\")\n",
			Played, 1, "your program panicked: end"),
	}
}

func TestSmallClassIsGradedRightly(t *testing.T) {
	gradeClass(t, smallClass(), "-only", "3")
}

// gradeClass grades a class with one command, and requires that every verdict is right.
func gradeClass(t *testing.T, class []handedIn, flags ...string) {
	t.Helper()
	dir, out := made(t, class), t.TempDir()
	table, all := filepath.Join(out, "class.csv"), filepath.Join(out, "class.json")
	args := append([]string{"grade", dir, "-csv", table, "-json", all, "-pages", out}, flags...)
	var said, wrong bytes.Buffer
	code := run(t.Context(), args, &said, &wrong)
	t.Logf("%s%s", &said, &wrong)
	require.Zero(t, code, "the exit code, though the grading worked")

	text, err := os.ReadFile(all)
	require.NoError(t, err)
	var marks []Mark
	require.NoError(t, json.Unmarshal(text, &marks))
	require.Len(t, marks, len(class))
	for _, m := range marks {
		for _, h := range class {
			if h.student == m.Student {
				h.requireRight(t, m)
			}
		}
	}
	file, err := os.Open(table)
	require.NoError(t, err)
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, len(class)+1)
	for _, h := range class {
		require.Contains(t, said.String(), fmt.Sprintf("/%d  %-16s", len(class), h.student))
	}
}

// TestOnlyTheKeyPassesAStep plays a program that the rules would refuse. It prints what
// tests print, writes files where the verdicts lie, and ends with exit code 0.
func TestOnlyTheKeyPassesAStep(t *testing.T) {
	e := course(t)["transactions"]
	cheat := handedIn{exercise: e.Name, file: "init.go", new: `package exercise

import (
	"fmt"
	"os"
	"path/filepath"
)

func init() {
	for n := range 6 {
		fmt.Printf("=== RUN   TestExercise/%d\n--- PASS: TestExercise/%d\n", n+1, n+1)
		folders, _ := filepath.Glob(os.Getenv("TMPDIR") + "/../*/verdicts")
		for _, dir := range append(folders, os.Getenv("TMPDIR")+"/verdicts") {
			name := filepath.Join(dir, fmt.Sprintf("step-%d.passed", n+1))
			_ = os.WriteFile(name, []byte("passed"), 0o644)
		}
	}
	fmt.Println("PASS")
	os.Exit(0)
}
`}
	a := attempt{e, filepath.Dir(filepath.Dir(e.Dir)), cheat.texts(t), t.TempDir()}
	binary, said, err := a.build(t.Context())
	require.NoError(t, err, said)
	names := []string{"1", "2", "3", "4", "5", "6"}
	steps, err := a.play(t.Context(), binary, names, limits{buildLimits().time, 1 << 40})
	require.NoError(t, err)
	require.Len(t, steps, len(names))
	require.FileExists(t, filepath.Join(a.dir, "verdicts", "step-1.passed"), "the forged file")
	for _, step := range steps {
		require.False(t, step.Passed, "step %s: a forged verdict counts", step.Name)
	}
}

func TestWhatIsNotHandedInFailsTheGrading(t *testing.T) {
	dir := made(t, []handedIn{{student: "ada", exercise: "transactions", state: NotBegun}})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bob.zip"), []byte("no zip"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "eve"), 0o755))
	e := course(t)["transactions"]
	linked := filepath.Join(dir, "mallory", filepath.FromSlash(e.Folder))
	require.NoError(t, os.MkdirAll(linked, 0o755))
	solution := filepath.Join(e.Solution(), "balance.go")
	if err := os.Symlink(solution, filepath.Join(linked, "balance.go")); err != nil {
		t.Skip("no links can be made here: ", err)
	}
	class, err := submissions([]string{dir}, exercisesOf(t))
	require.NoError(t, err)
	require.Len(t, class, 4)
	require.NoError(t, class[0].problem)
	require.ErrorContains(t, class[1].problem, "not a valid zip")
	require.ErrorContains(t, class[2].problem, "no exercise")
	require.ErrorContains(t, class[3].problem, "escapes", "a link to the solution was followed")
	g := &grader{options: options{pages: t.TempDir(), jobs: 1}}
	var said bytes.Buffer
	marks, err := g.class(t.Context(), class, &said)
	require.ErrorContains(t, err, "bob was not graded")
	require.Len(t, marks, 4, "the others are graded")
}
