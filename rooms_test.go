package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab/readme"
)

// floors are the laboratory's rooms from the ground up. A room imports rooms of lower
// floors only. The house of students stands on all of them.
func floors() [][]string {
	return [][]string{
		{"lab/event"},
		{"lab/fault"},
		{"lab", "lab/boundary", "lab/live"},
		{"lab/customer", "lab/shop", "lab/source", "lab/toy"},
		{"lab/real", "lab/labtest"},
		{"lab/load", "lab/serve", "lab/sim"},
		{"lab/cli"},
		{"course/study", "course/seal", "course/stub"},
		{"course/grade", "course/page", "course/challenge", "course/class"},
		{"course/page/serve"},
	}
}

// tools are programs and checks that no room imports.
func tools() []string {
	return []string{
		"lab/check", "lab/check/trace", "lab/lesson", "lab/lines", "lab/mutate", "lab/readme",
		"lab/style",
	}
}

// room is a package of the laboratory or of the course's house.
type room struct {
	ImportPath string
	Doc        string // the first sentence of its comment
	Imports    []string
}

// rooms returns what go knows of each, by its path from the course's folder.
func rooms(t *testing.T) map[string]room {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Doc,Imports",
		"./internal/...", "./lab/...", "./course/...")
	said, err := list.Output()
	require.NoError(t, err)
	all := map[string]room{}
	for text := json.NewDecoder(strings.NewReader(string(said))); ; {
		var r room
		err := text.Decode(&r)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		var ours []string
		for _, path := range r.Imports {
			if name, found := strings.CutPrefix(path, module); found {
				ours = append(ours, name)
			}
		}
		r.Imports = ours
		all[strings.TrimPrefix(r.ImportPath, module)] = r
	}
}

// floorOf returns the floor of each room, counted from 1. What is internal is the ground.
func floorOf() map[string]int {
	floor := map[string]int{}
	for i, list := range floors() {
		for _, name := range list {
			floor[name] = i + 1
		}
	}
	return floor
}

func TestNoArrowOfTheLaboratoryRunsBackUp(t *testing.T) {
	floor := floorOf()
	for name, r := range rooms(t) {
		internal := strings.HasPrefix(name, "internal/")
		if floor[name] == 0 && !internal && !slices.Contains(tools(), name) {
			t.Errorf("%s stands on no floor", name)
		}
		for _, other := range r.Imports {
			down := strings.HasPrefix(other, "internal/") ||
				floor[other] > 0 && floor[other] < floor[name] ||
				slices.Contains(tools(), name) && !strings.HasPrefix(other, "course/")
			if !down {
				t.Errorf("%s imports %s, which does not stand below it", name, other)
			}
		}
	}
}

func TestEachRoomImportsWhatItsJobNeeds(t *testing.T) {
	all := rooms(t)
	for name, allowed := range map[string][]string{
		"lab":          {"internal/sqlite", "lab/event", "lab/fault"},
		"lab/live":     {"lab/event", "lab/fault"},
		"course/study": {"internal/machine", "internal/program"},
		"course/page": {
			"course/study", "internal/httpapi", "internal/program",
			"lab/event", "lab/fault", "lab/live",
		},
	} {
		require.Subset(t, allowed, all[name].Imports, name)
	}
}

func TestTheVocabularyIsShort(t *testing.T) {
	said, err := exec.CommandContext(t.Context(), "go", "run", "./lab/lines", "lab").Output()
	require.NoError(t, err)
	var lines int
	_, err = fmt.Sscan(string(said), &lines)
	require.NoError(t, err)
	require.LessOrEqual(t, lines, 900, "lines of code in lab: put it into another room")
}

func TestCONTRIBUTINGDrawsTheRooms(t *testing.T) {
	readme.Check(t, ".", "CONTRIBUTING.md", readme.Config{
		Generated: map[string]string{"rooms": drawn(rooms(t))},
	})
}

// drawn draws the rooms from the top down. An arrow to a room stands for all that this
// room can reach, too.
func drawn(all map[string]room) string {
	rows := [][]string{{"room", "what it is", "arrows down"}}
	for _, list := range slices.Backward(floors()) {
		for _, name := range list {
			row := []string{"`" + name + "`", job(all[name].Doc), ""}
			for _, other := range all[name].Imports {
				if !strings.HasPrefix(other, "internal/") && !implied(all, name, other) {
					row[2] += ", → `" + other + "`"
				}
			}
			row[2] = strings.TrimPrefix(row[2], ", ")
			rows = append(rows, row)
		}
	}
	return readme.Markdown(rows)
}

// job is a package's first sentence without the package's name.
func job(doc string) string {
	if rest, found := strings.CutPrefix(doc, "Package "); found {
		_, doc, _ = strings.Cut(rest, " ")
		doc = strings.TrimPrefix(doc, "is ")
	}
	return strings.TrimSuffix(doc, ".")
}

// implied tells whether another room that a room imports can reach a third one, too.
func implied(all map[string]room, name, third string) bool {
	return slices.ContainsFunc(all[name].Imports, func(other string) bool {
		return other != third && reaches(all, other, third)
	})
}

func reaches(all map[string]room, name, other string) bool {
	return slices.ContainsFunc(all[name].Imports, func(next string) bool {
		return next == other || reaches(all, next, other)
	})
}
