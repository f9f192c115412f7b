package source_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/event"
	"example.com/dtx/lab/source"
)

const (
	header = "What: the shop does not look whether the order came before\n" +
		"Why: a test never asks twice\nBreaks: all or nothing\nVariant: right\n\n"
	code  = "package shop\n\nfunc price() int { return 500 }\n"
	files = "diff --git a/shop/shop.go b/shop/shop.go\n--- a/shop/shop.go\n+++ b/shop/shop.go\n"
	patch = files + "@@ -1,3 +1,3 @@\n package shop\n \n" +
		"-func price() int { return 500 }\n+func price() int { return 5 }\n"
)

// course makes a folder with a chapter "shop", its code and one mistake.
func course(t *testing.T, code, mistake string) (root string) {
	t.Helper()
	root = t.TempDir()
	write(t, filepath.Join(root, "shop", "shop.go"), code)
	write(t, filepath.Join(root, "shop", "mistakes", "wrong-price.patch"), mistake)
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

func TestAMistakeIsReadFromItsPatch(t *testing.T) {
	list, err := source.Mistakes(lab.Chapter{Name: "shop"}, course(t, code, header+patch))
	require.NoError(t, err)
	require.Len(t, list, 1)
	m := list[0]
	require.Equal(t, "wrong-price", m.Name)
	require.Equal(t, "the shop does not look whether the order came before", m.What)
	require.Equal(t, "a test never asks twice", m.Why)
	require.Equal(t, lab.AllOrNothing, m.Breaks)
	require.Equal(t, "right", m.Variant)
	require.Equal(t, patch, m.Patch)
	require.Equal(t, 2, m.Changed)
}

func TestAChapterOfAnotherNameThanItsFolderIsRefused(t *testing.T) {
	_, err := source.Mistakes(lab.Chapter{Name: "inbox"}, course(t, code, header+patch))
	const says = `lab.Chapter.Name is "inbox", and there is no such folder`
	require.EqualError(t, err, says)
	out := lab.NewTeller(io.Discard)
	require.EqualError(t, source.Test(t.Context(), out, lab.Chapter{Name: "inbox"}, "."), says)
}

func TestAPatchThatIsNoMistakeIsRefused(t *testing.T) {
	tooMuch := files + "@@ -1,0 +2,11 @@\n" + strings.Repeat("+// more\n", 11)
	without := func(old, new string) string { return strings.Replace(header, old, new, 1) + patch }
	rows := []struct{ name, mistake, error string }{
		{"without What", without("What:", "Whit:"),
			"its header must say What, Why, Breaks and Variant"},
		{"without Why", without("Why: a test never asks twice", "Why:"), "its header must say"},
		{"without Breaks", without("Breaks:", "#"), "its header must say"},
		{"without Variant", without("Variant:", "#"), "its header must say"},
		{"of nothing", header, "it changes nothing"},
		{"of eleven lines", header + tooMuch, "it changes 11 lines, and 10 are enough"},
		{"cut short", header + strings.TrimSuffix(patch, "+func price() int { return 5 }\n"),
			"gitdiff"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := source.Mistakes(lab.Chapter{Name: "shop"}, course(t, code, row.mistake))
			require.ErrorContains(t, err, row.error, row.mistake)
			require.ErrorContains(t, err, "mistake wrong-price.patch: ", "it must say whose")
		})
	}
}

func TestAPatchThatNoLongerAppliesSaysWhere(t *testing.T) {
	root := course(t, strings.Replace(code, "500", "600", 1), header+patch)
	c := lab.Chapter{Name: "shop"}
	list, err := source.Mistakes(c, root)
	require.NoError(t, err)
	_, err = list[0].Explore(t.Context(), c, root)
	require.ErrorContains(t, err, "mistake wrong-price: it no longer applies to shop/shop.go")
}

func TestAMistakeIsExploredWithoutAChangeToTheTree(t *testing.T) {
	t.Parallel()
	root := course(t, code, header+patch)
	write(t, filepath.Join(root, "go.mod"), "module shop\n\ngo 1.26\n")
	test := filepath.Join(root, "shop", "shop_test.go")
	write(t, test, `package shop

import ("fmt"; "os"; "testing")

func TestEvery(t *testing.T) {
	fmt.Printf("report: {\"Variant\": %q, \"Points\": %d}\n", os.Getenv("LAB_VARIANT"), price())
}
`)
	c := lab.Chapter{Name: "shop"}
	list, err := source.Mistakes(c, root)
	require.NoError(t, err)
	reports, err := list[0].Explore(t.Context(), c, root)
	require.NoError(t, err)
	seen := []lab.Report{{Variant: "right", Points: 5}}
	require.Equal(t, seen, reports, "what the tests saw of the patched price")
	kept, err := os.ReadFile(filepath.Join(root, "shop", "shop.go"))
	require.NoError(t, err)
	require.Equal(t, code, string(kept))
	require.NoError(t, os.Remove(test))
	_, err = list[0].Explore(t.Context(), c, root)
	require.ErrorContains(t, err, "mistake wrong-price: the tests did not run")
}

func TestAMistakeIsCaughtByTheInvariantThatItNames(t *testing.T) {
	m := source.Mistake{
		Name: "wrong-price", Breaks: lab.AllOrNothing, Alone: "lost fsync, several faults",
	}
	damage := func(invariant string, events int) lab.Damage {
		return lab.Damage{Invariant: invariant, Events: make([]event.Event, events)}
	}
	report := func(damages ...lab.Damage) lab.Report {
		return lab.Report{Scenario: "success", Damages: damages}
	}
	rows := []struct {
		name    string
		reports []lab.Report
		events  int // the number of events of the run that is shown
		error   string
	}{
		{
			name:    "caught",
			reports: []lab.Report{report(damage(lab.AllOrNothing, 7))},
			events:  7,
		},
		{
			name: "the shortest run is shown",
			reports: []lab.Report{
				report(damage(lab.AllOrNothing, 9), damage(lab.Conserved, 3)),
				report(damage(lab.AllOrNothing, 5)),
			},
			events: 5,
		},
		{
			name: "a kind of fault shows it, too",
			reports: []lab.Report{{
				Scenario: "success", Damages: []lab.Damage{damage(lab.AllOrNothing, 7)},
				Kinds: map[string]lab.Count{"lost fsync": {Broken: 1}, "crash": {Broken: 1}},
			}},
			error: "mistake wrong-price is shown by crash, too, in success",
		},
		{
			name: "no other kind of fault shows it",
			reports: []lab.Report{{
				Scenario: "success", Damages: []lab.Damage{damage(lab.AllOrNothing, 7)},
				Kinds: map[string]lab.Count{"several faults": {Broken: 1}, "crash": {Tried: 1}},
			}},
			events: 7,
		},
		{
			name:    "a patch without effect",
			reports: []lab.Report{report()},
			error:   `mistake wrong-price is not caught: nothing breaks "all or nothing"`,
		},
		{
			name:  "no report",
			error: "is not caught",
		},
		{
			name:    "another invariant",
			reports: []lab.Report{report(damage(lab.Conserved, 3))},
			error:   "is not caught",
		},
		{
			name:    "it shows at once",
			reports: []lab.Report{{Scenario: "success", Wrong: "answers [409], want [201]"}},
			error: "mistake wrong-price shows without any fault: " +
				"success, answers [409], want [201]",
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			d, err := m.Caught(row.reports)
			if row.error != "" {
				require.ErrorContains(t, err, row.error)
				return
			}
			require.NoError(t, err)
			require.Len(t, d.Events, row.events)
		})
	}
}
