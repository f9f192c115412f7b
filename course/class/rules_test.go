package main

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/course/study"
)

// exercisesOf returns the course's exercises.
func exercisesOf(t *testing.T) (list []study.Exercise) {
	t.Helper()
	for _, e := range course(t) {
		list = append(list, e)
	}
	return list
}

func TestSolutionsKeepToTheRules(t *testing.T) {
	for _, e := range exercisesOf(t) {
		require.Empty(t, refusedIn(t, e, nil), e.Folder)
	}
}

// refusedIn returns what is refused of an exercise's solution with further files.
func refusedIn(t *testing.T, e study.Exercise, more map[string]string) string {
	t.Helper()
	start, err := study.Texts(e.Start())
	require.NoError(t, err)
	texts, err := study.Texts(e.Solution())
	require.NoError(t, err)
	r, err := rulesOf(start, texts)
	require.NoError(t, err)
	maps.Copy(texts, more)
	refused, err := r.check(texts)
	require.NoError(t, err)
	return strings.Join(refused, "\n")
}

func TestWhatReachesOutOfTheExerciseIsRefused(t *testing.T) {
	for text, says := range map[string]string{
		`import "os"`:                           "imports os",
		`import _ "unsafe"`:                     "imports unsafe",
		`import x "reflect"`:                    "imports reflect",
		`import "C"`:                            "imports C",
		`import "embed"`:                        "imports embed",
		`import "testing"`:                      "imports testing",
		`import "syscall"`:                      "imports syscall",
		`import "example.com/dtx/course/grade"`: "imports example.com/dtx/course/grade",
		`import . "fmt"`:                        "imports fmt without its name",
		"//go:linkname a b":                     "tells the compiler something",
		"//go:embed a":                          "tells the compiler something",
		"//line other.go:1":                     "tells the compiler something",
		"import \"time\"\nfunc init() { time.Local = nil }":   "changes a variable of package time",
		"import \"time\"\nvar p = &time.Local":                "changes a variable of package time",
		"import s \"database/sql\"\nvar d, _ = s.Open(a, b)":  "opens another database",
		"type e int\nfunc (e) Is(error) bool { return true }": "a method Is answers",
		"func len(any) int { return 0 }":                      "len would be another in the tests",
		"const true = false":                                  "true would be another in the tests",
	} {
		e := course(t)["transactions"]
		found := refusedIn(t, e, map[string]string{"more.go": "package exercise\n" + text + "\n"})
		require.Contains(t, found, "more.go:", text)
		require.Contains(t, found, says, text)
	}
}

func TestWhatWasGivenStaysAsItIs(t *testing.T) {
	e := course(t)["transactions"]
	texts, err := study.Texts(e.Start())
	require.NoError(t, err)
	account := texts["account.go"]
	const was, is = "const maxTries = 20", "// Often enough.\nconst  maxTries=20"
	reformatted := strings.Replace(account, was, is, 1)
	require.NotEqual(t, account, reformatted)
	require.Empty(t, refusedIn(t, e, map[string]string{"account.go": reformatted}))
	for was, is := range map[string]string{
		"const maxTries = 20":              "const maxTries = 1",
		"n > 0, err":                       "true, err",
		`errors.New("commit failed`:        `error(nil) // ("`,
		"name TEXT PRIMARY KEY, cents INT": "name TEXT PRIMARY KEY, cents TEXT",
	} {
		changed := strings.Replace(account, was, is, 1)
		require.NotEqual(t, account, changed)
		found := refusedIn(t, e, map[string]string{"account.go": changed})
		require.Contains(t, found, "was given, and is changed", is)
	}
}
