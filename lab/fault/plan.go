package fault

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Long is how long a pause, a slow step and a partition last: longer than any
// timeout in the course.
const Long = 15 * time.Second

// Fault is a kind at a point, named as "lost @ order → stock: POST /take order-1 #1".
type Fault struct {
	Kind  Kind
	Point string
}

func (f Fault) String() string { return string(f.Kind) + " @ " + f.Point }

// Parse reads a fault's name. It takes "->" for "→", which is easier to type.
// Whether a run ever comes to the point, only the run can tell.
func Parse(s string) (Fault, error) {
	kind, point, ok := strings.Cut(s, " @ ")
	if !ok {
		const want = "fault %q: want KIND @ POINT, " +
			"for instance: lost @ order → stock: POST /take order-1 #1"
		return Fault{}, fmt.Errorf(want, s)
	}
	point = strings.ReplaceAll(strings.TrimSpace(point), "->", "→")
	f := Fault{Kind(strings.TrimSpace(kind)), point}
	if !slices.Contains(Kinds(), f.Kind) {
		const unknown = "fault %q: there is no kind %q; the kinds are: %s"
		return Fault{}, fmt.Errorf(unknown, s, f.Kind, join(Kinds()))
	}
	return f, nil
}

// Kinds lists every kind of fault, each once.
func Kinds() []Kind {
	all := slices.Concat(
		atBegin, atCommit, atSend, atReceive, atReply, []Kind{LostFsync, HangUp},
		zombiesAtSend, zombiesOnReply)
	slices.Sort(all)
	return slices.Compact(all)
}

func join(kinds []Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}
