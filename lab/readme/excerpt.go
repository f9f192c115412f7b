package readme

import (
	"errors"
	"io/fs"
	"strings"
)

// checkExcerpt looks a block up in the file that it names.
func (k *checker) checkExcerpt(b block) {
	text, err := fs.ReadFile(k.files, b.about)
	if err != nil {
		k.fail(b.line, "the excerpt is from %s: %v", b.about, cause(err))
		return
	}
	lines := b.lines
	for len(lines) > 0 && leftOut(lines[0].text) {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		k.fail(b.line, "the excerpt of %s is empty", b.about)
		return
	}
	shown := make([]string, len(lines))
	for i, l := range lines {
		shown[i] = strings.TrimRight(l.text, " \t")
	}
	file := textLines(string(text))
	switch far, at := find(shown, file); {
	case far == len(shown):
	case far == 0 || at >= len(file):
		k.fail(lines[far].number, "this is not in %s:\n- %s", b.about, shown[far])
	default:
		const other = "%s goes on in another way (- shown, + line %d of the file):\n- %s\n+ %s"
		k.fail(lines[far].number, other, b.about, at+1, shown[far], file[at])
	}
}

// find looks for an excerpt in a file. It returns how many lines of the
// excerpt it found at the best place, and where the file goes on after them.
func find(shown, file []string) (far, at int) {
	for i := range file {
		indent, ok := strings.CutSuffix(file[i], shown[0])
		if !ok || strings.TrimSpace(indent) != "" {
			continue
		}
		if n, stop := follow(shown, file, i, indent); n > far {
			far, at = n, stop
		}
	}
	return far, at
}

// follow compares an excerpt with file[i:]. A line that says that lines are
// left out lets the file go on to wherever the next piece is found whole.
func follow(shown, file []string, i int, indent string) (far, at int) {
	skipping := false
	for n, line := range shown {
		if leftOut(line) {
			skipping = true
			continue
		}
		if skipping {
			i = seek(piece(shown[n:]), file, i, indent)
		}
		if i == len(file) || file[i] != indented(line, indent) {
			return n, i
		}
		skipping = false
		i++
	}
	return len(shown), i
}

// piece returns the lines before the next that says that lines are left out.
func piece(shown []string) []string {
	for i, s := range shown {
		if leftOut(s) {
			return shown[:i]
		}
	}
	return shown
}

// seek returns where a piece is found in file[i:]. If it is nowhere whole, it
// returns where its first line is.
func seek(piece, file []string, i int, indent string) int {
	best, far := len(file), 0
	for ; i < len(file); i++ {
		n := 0
		for n < len(piece) && i+n < len(file) && file[i+n] == indented(piece[n], indent) {
			n++
		}
		if n > far {
			best, far = i, n
		}
	}
	return best
}

// leftOut tells whether a line stands for lines left out: "…", "// ...".
func leftOut(line string) bool {
	line = strings.TrimSpace(line)
	for _, comment := range []string{"//", "#", "--"} {
		line = strings.TrimSpace(strings.TrimPrefix(line, comment))
	}
	return gap(line)
}

func indented(line, indent string) string {
	if line == "" {
		return ""
	}
	return indent + line
}

// cause returns an error without the operation and the path around it, and
// says in the same words everywhere that a file is not there.
func cause(err error) error {
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fs.ErrNotExist
	case errors.As(err, &at):
		return at.Err
	}
	return err
}
